using OrleansChat.Core.Upstreams;

namespace OrleansChat.Bench.Accuracy;

/// <summary>The prices of the run, and an upstream's own way to reckon its bill.</summary>
internal static class AccuracyPrice
{
    /// <summary>US dollars for a million input tokens.</summary>
    public const decimal Input = 1.5m;

    /// <summary>US dollars for a million output tokens.</summary>
    public const decimal Output = 6.333333m;

    /// <summary>The bill of a usage in nano-dollars, rounded up.</summary>
    /// <param name="usage">The tokens.</param>
    /// <returns>Nano-dollars.</returns>
    public static long Bill(TokenUsage usage) =>
        (long)decimal.Ceiling(((Math.Max(0, usage.InputTokens) * Input) + (Math.Max(0, usage.OutputTokens) * Output)) * 1_000);

    /// <summary>What is set aside for a call, in nano-dollars.</summary>
    /// <param name="call">The call.</param>
    /// <returns>Nano-dollars.</returns>
    public static long Reserve(Call call) => Bill(new TokenUsage(call.Request.InputTokens, call.Request.OutputTokens));
}
