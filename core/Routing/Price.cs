using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Routing;

/// <summary>What a model's tokens cost, in nano-dollars for a million tokens. Vendors publish their prices in this unit.</summary>
/// <param name="InputPerMillion">Input tokens.</param>
/// <param name="OutputPerMillion">Output tokens.</param>
public sealed record Price(long InputPerMillion, long OutputPerMillion)
{
    private const long Million = 1_000_000;

    /// <summary>No cost.</summary>
    public static readonly Price Free = new(0, 0);

    /// <summary>Input tokens that the upstream read from its cache; null for the price of input.</summary>
    public long? CachedInputPerMillion { get; init; }

    /// <summary>Input tokens that the upstream wrote to its cache; null for the price of input.</summary>
    public long? CacheWritePerMillion { get; init; }

    /// <summary>Output tokens that were reasoning; null for the price of output.</summary>
    public long? ReasoningPerMillion { get; init; }

    /// <summary>The cost of a usage, rounded up to a whole nano-dollar so that a sum of parts is never below the whole.</summary>
    /// <param name="usage">The tokens; parts that exceed their whole count as far as the whole goes.</param>
    /// <returns>Nano-dollars; <see cref="long.MaxValue"/> where 64 bits do not hold it.</returns>
    public long CostOf(TokenUsage usage)
    {
        var cached = Math.Clamp(usage.CachedInputTokens, 0, usage.InputTokens);
        var written = Math.Clamp(usage.CacheWriteInputTokens, 0, usage.InputTokens - cached);
        var reasoning = Math.Clamp(usage.ReasoningTokens, 0, usage.OutputTokens);
        return InNanoUsd(
            ((Int128)(usage.InputTokens - cached - written) * InputPerMillion)
            + ((Int128)cached * (CachedInputPerMillion ?? InputPerMillion))
            + ((Int128)written * (CacheWritePerMillion ?? InputPerMillion))
            + ((Int128)(usage.OutputTokens - reasoning) * OutputPerMillion)
            + ((Int128)reasoning * (ReasoningPerMillion ?? OutputPerMillion)));
    }

    /// <summary>The most that so many tokens can cost, whatever kind of input and output they turn out to be.</summary>
    /// <param name="inputTokens">Input tokens, at least 0.</param>
    /// <param name="outputTokens">Output tokens, at least 0.</param>
    /// <returns>Nano-dollars; <see cref="long.MaxValue"/> where 64 bits do not hold it.</returns>
    public long MostOf(long inputTokens, long outputTokens)
    {
        var input = Math.Max(InputPerMillion, Math.Max(CachedInputPerMillion ?? 0, CacheWritePerMillion ?? 0));
        var output = Math.Max(OutputPerMillion, ReasoningPerMillion ?? 0);
        return InNanoUsd(((Int128)inputTokens * input) + ((Int128)outputTokens * output));
    }

    private static long InNanoUsd(Int128 millionths)
    {
        var cost = (millionths + Million - 1) / Million;
        return cost > long.MaxValue ? long.MaxValue : (long)cost;
    }
}
