using System.Globalization;
using OrleansChat.Core.Admission;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Bench.Accuracy;

/// <summary>What upstreams report as used.</summary>
internal static class UpstreamReport
{
    /// <summary>Draws from the run's seed and the operation: callers end at the same time, and each draws the same whatever the order and the process.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="request">The request.</param>
    /// <returns>The usage, which may be more than was reserved, or impossible.</returns>
    public static TokenUsage Draw(int seed, AdmissionRequest request)
    {
        var drawn = new Random(Mix(seed, uint.Parse(request.OperationId, CultureInfo.InvariantCulture)));
        return drawn.Next(20) switch
        {
            0 => TokenUsage.Zero,
            1 => new TokenUsage(request.InputTokens + drawn.Next(1, 500), request.OutputTokens + drawn.Next(1, 500)),
            2 => new TokenUsage(-5, request.OutputTokens),
            3 => new TokenUsage(request.InputTokens, drawn.Next(1, 200), Estimated: true),
            _ => new TokenUsage(drawn.NextInt64(request.InputTokens + 1), drawn.NextInt64(request.OutputTokens + 1)),
        };
    }

    /// <summary>
    /// A number of its own for each pair, as SplitMix64 makes it (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014):
    /// HashCode gives another one in every process, and generators of neighbouring seeds begin alike.
    /// </summary>
    private static int Mix(int seed, uint operation)
    {
        unchecked
        {
            var mixed = (((ulong)(uint)seed << 32) | operation) + 0x9E3779B97F4A7C15;
            mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            return (int)(mixed ^ (mixed >> 31));
        }
    }
}
