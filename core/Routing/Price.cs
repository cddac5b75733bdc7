using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Routing;

/// <summary>What a model's tokens cost, in nano-dollars for a million tokens.</summary>
/// <param name="InputPerMillion">Input tokens.</param>
/// <param name="OutputPerMillion">Output tokens.</param>
public sealed record Price(long InputPerMillion, long OutputPerMillion)
{
    private const long Million = 1_000_000;

    /// <summary>No cost.</summary>
    public static readonly Price Free = new(0, 0);

    /// <summary>The cost of a usage, rounded up to a whole nano-dollar so that a sum of parts is never below the whole.</summary>
    /// <param name="usage">The tokens.</param>
    /// <returns>Nano-dollars; <see cref="long.MaxValue"/> where 64 bits do not hold it.</returns>
    public long CostOf(TokenUsage usage)
    {
        var millionths = ((Int128)usage.InputTokens * InputPerMillion) + ((Int128)usage.OutputTokens * OutputPerMillion);
        var cost = (millionths + Million - 1) / Million;
        return cost > long.MaxValue ? long.MaxValue : (long)cost;
    }
}
