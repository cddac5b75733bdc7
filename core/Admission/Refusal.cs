using System.Globalization;
using OrleansChat.Core.Errors;
using OrleansChat.Core.RateLimiting;

namespace OrleansChat.Core.Admission;

/// <summary>A limit that refused.</summary>
/// <param name="Scope">The scope.</param>
/// <param name="Limit">The limit.</param>
/// <param name="RetryAfter">When it lets the request pass; null for never.</param>
internal sealed record Refusal(string Scope, string Limit, TimeSpan? RetryAfter)
{
    /// <summary>What was asked, where its line may be waited in; null where it may not.</summary>
    public LimitAsk? Ask { get; init; }

    /// <summary>A limit's refusal of an admission.</summary>
    /// <param name="ask">What was asked.</param>
    /// <param name="decision">The answer.</param>
    /// <returns>The refusal.</returns>
    public static Refusal Of(LimitAsk ask, RateLimitDecision decision) =>
        new(ask.Scope.Name, decision.Limit!, decision.RetryAfter) { Ask = ask };

    /// <summary>The one that lasts longer.</summary>
    /// <param name="first">One.</param>
    /// <param name="second">The other.</param>
    /// <returns>The one that lasts longer; of equals the first.</returns>
    public static Refusal Later(Refusal first, Refusal second) =>
        (second.RetryAfter ?? TimeSpan.MaxValue) > (first.RetryAfter ?? TimeSpan.MaxValue) ? second : first;

    /// <summary>The one that ends sooner.</summary>
    /// <param name="first">One; null for none.</param>
    /// <param name="second">The other.</param>
    /// <returns>The one that ends sooner; of equals the first.</returns>
    public static Refusal Sooner(Refusal? first, Refusal second) =>
        first is null || (second.RetryAfter ?? TimeSpan.MaxValue) < (first.RetryAfter ?? TimeSpan.MaxValue) ? second : first;

    /// <summary>What the client is told.</summary>
    /// <returns>The problem.</returns>
    public Problem ToProblem()
    {
        var retry = RetryAfter?.TotalSeconds;
        var detail = $"Limit {Limit} of scope '{Scope}' is reached.";
        string[] suggestions = (Limit, retry) switch
        {
            (LimitName.TokensPerRequest, _) => ["Ask for fewer output tokens, or send a shorter prompt."],
            (_, null) => ["The request asks for more than the limit allows at any time: make it smaller, or ask the operator to raise the limit."],
            (LimitName.Concurrent, _) => ["Wait for one of the running requests to end."],
            _ => [string.Create(CultureInfo.InvariantCulture, $"Try again in {Shown(RetryAfter!.Value):0.###} seconds.")],
        };
        return Problem.Of(ProblemCode.RateLimited, detail, suggestions) with { Subject = $"{Scope} {Limit}", RetryAfterSeconds = retry };
    }

    /// <summary>Seconds to the millisecond, rounded up so that nobody comes too early.</summary>
    private static double Shown(TimeSpan wait) => Math.Ceiling(wait.TotalMilliseconds) / 1000;
}
