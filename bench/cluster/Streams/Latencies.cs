using System.Diagnostics;

namespace OrleansChat.Cluster.Bench.Streams;

/// <summary>Counts tokens by how late they came, in milliseconds.</summary>
internal sealed class Latencies
{
    private readonly int[] _counts = new int[10_000];

    /// <summary>Whether what comes is counted.</summary>
    public bool IsCounting { get; set; }

    /// <summary>Tokens counted.</summary>
    public long Count => _counts.Sum(static count => (long)count);

    /// <summary>Counts a token that was said at a moment and is here now.</summary>
    public void Add(long said)
    {
        if (IsCounting)
            Interlocked.Increment(ref _counts[Math.Clamp((int)Stopwatch.GetElapsedTime(said).TotalMilliseconds, 0, _counts.Length - 1)]);
    }

    /// <summary>The milliseconds that a share of the tokens did not pass, rounded up.</summary>
    public int Percentile(double share)
    {
        var left = (long)Math.Ceiling(Count * share);
        for (var milliseconds = 0; milliseconds < _counts.Length; milliseconds++)
        {
            left -= _counts[milliseconds];
            if (left <= 0)
                return milliseconds + 1;
        }

        return _counts.Length;
    }
}
