using OrleansChat.Core.Errors;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Tests.Routing;

/// <summary>All that happens to a router in a round beside its own decisions. Moments are ticks since the round began.</summary>
/// <param name="Settings">The upstreams and their limits, the models and when breakers open.</param>
/// <param name="Random">Draws what upstreams do, once for each operation and target.</param>
internal sealed record RouteScript(OrleansChatOptions Settings, Random Random)
{
    private readonly Dictionary<(string, UpstreamTarget), ScriptedAnswer> _answers = [];

    /// <summary>How many calls of a hundred go well before their first token.</summary>
    public required int Health { get; init; }

    public required IReadOnlyList<ScriptedRequest> Requests { get; init; }

    public required IReadOnlyList<Elsewhere> Elsewhere { get; init; }

    public ScriptedAnswer AnswerOf(string operationId, UpstreamTarget target)
    {
        if (!_answers.TryGetValue((operationId, target), out var answer))
            _answers[(operationId, target)] = answer = ScriptedAnswer.Draw(Random, target.Upstream, Health);

        return answer;
    }
}

/// <summary>A request, and what its caller does.</summary>
internal sealed record ScriptedRequest(string Id, long At, Model Model, IReadOnlyList<UpstreamTarget> Order, long Tokens)
{
    /// <summary>Whether the limits of the first upstream are asked before the router, as admission does.</summary>
    public bool IsAdmittedFirst { get; init; }

    /// <summary>Whether the router is told of that.</summary>
    public bool SaysWhoAdmitted { get; init; }

    /// <summary>How long its caller waits for a first token; null for as long as it takes.</summary>
    public long? Patience { get; init; }

    /// <summary>Whether limits and budgets allow no second call.</summary>
    public bool IsHedgeRefused { get; init; }

    public string HedgeId => $"{Id}/hedge";

    public string Caller => $"{Id} caller";
}

/// <summary>What an upstream does with one call.</summary>
internal sealed record ScriptedAnswer(long Takes, Exception? Fault)
{
    /// <summary>Whether it goes on when it is told to stop.</summary>
    public bool IsStubborn { get; init; }

    /// <summary>How long the rest of the answer takes.</summary>
    public long ReadFor { get; init; }

    /// <summary>How the answer ends after its first token; null for well.</summary>
    public UpstreamException? Breaks { get; init; }

    public static ScriptedAnswer Draw(Random random, string upstream, int health)
    {
        var isWell = random.Next(100) < health;
        return new ScriptedAnswer(Ticks(random, isWell ? 3 : 8), isWell ? null : random.Next(25) == 0 ? new InvalidOperationException("a fault of this server") : Failure(random, upstream))
        {
            IsStubborn = random.Next(5) == 0,
            ReadFor = Ticks(random, 6),
            Breaks = random.Next(6) == 0 ? Failure(random, upstream) : null,
        };
    }

    private static UpstreamException Failure(Random random, string upstream) =>
        new(upstream, (UpstreamFailure)random.Next(8), $"reason {random.Next(5)}") { RetryAfter = random.Next(3) == 0 ? TimeSpan.FromMilliseconds(random.Next(-1_000, 20_000)) : null };

    private static long Ticks(Random random, int mostSeconds) => random.NextInt64(1, mostSeconds * TimeSpan.TicksPerSecond);
}

/// <summary>What others do to the breaker of an upstream: somebody trips or resets it, or another process tells it of a failure or a success.</summary>
/// <param name="At">When.</param>
/// <param name="Upstream">The upstream.</param>
/// <param name="Deed">What is done.</param>
/// <param name="IsPushed">Whether the change comes here, or is not known here until the breaker is asked.</param>
internal sealed record Elsewhere(long At, string Upstream, Deed Deed, bool IsPushed)
{
    public string Id => $"elsewhere-{At}/1";
}

internal enum Deed
{
    Trip,
    Reset,
    Fail,
    Succeed,
}

/// <summary>A line of what was seen of a router.</summary>
/// <param name="At">When.</param>
/// <param name="Who">The operation or request, in whose order lines of one moment stand.</param>
/// <param name="What">What it did.</param>
internal readonly record struct RouteLine(long At, string Who, string What)
{
    public override string ToString() => $"{At} {Who} {What}";
}
