namespace OrleansChat.Core.CircuitBreaking;

/// <summary>
/// Calls and failures within a sliding window, counted in tenths of it: what is older than the window is forgotten tenth by tenth, so that
/// failures on both sides of a window's edge are seen together. Moments are ticks.
/// </summary>
/// <param name="length">The window.</param>
/// <param name="parts">The counts; changed in place.</param>
internal sealed class CallWindow(TimeSpan length, List<CallCount> parts)
{
    /// <summary>Parts of a window.</summary>
    public const int Parts = 10;

    private readonly long _part = Math.Max(1, length.Ticks / Parts);

    /// <summary>Counts calls.</summary>
    /// <param name="calls">Calls.</param>
    /// <param name="failures">Failed ones among them.</param>
    /// <param name="now">Now.</param>
    public void Add(long calls, long failures, long now)
    {
        var since = now - (now % _part);
        parts.RemoveAll(part => part.Since <= since - (_part * Parts));
        if (parts is [.., var last] && last.Since >= since)
            parts[^1] = last with { Calls = last.Calls + calls, Failures = last.Failures + failures };
        else
            parts.Add(new CallCount(since, calls, failures));
    }

    /// <summary>All calls of the window as it was when the last was counted.</summary>
    /// <returns>Calls, and failed ones among them.</returns>
    public (long Calls, long Failures) Sum() => (parts.Sum(part => part.Calls), parts.Sum(part => part.Failures));
}

/// <summary>Calls of a part of a window.</summary>
/// <param name="Since">When the part began, in ticks.</param>
/// <param name="Calls">Calls.</param>
/// <param name="Failures">Failed ones among them.</param>
public sealed record CallCount(long Since, long Calls, long Failures);
