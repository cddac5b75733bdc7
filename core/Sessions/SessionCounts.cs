using System.Diagnostics.Metrics;

namespace OrleansChat.Core.Sessions;

/// <summary>How many sessions this process has in memory, and how many it has seen go since its start.</summary>
public sealed class SessionCounts : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "OrleansChat.Sessions";

    private readonly Meter _meter;
    private long _live;
    private long _expired;
    private long _removed;

    /// <summary>Makes the instruments.</summary>
    /// <param name="meters">Makes the meter of a host; null for a meter of no host.</param>
    public SessionCounts(IMeterFactory? meters = null)
    {
        _meter = meters?.Create(MeterName) ?? new Meter(MeterName);
        _meter.CreateObservableGauge("orleanschat.sessions.live", () => Live, "{session}", "Sessions in memory.");
        _meter.CreateObservableCounter("orleanschat.sessions.expired", () => Expired, "{session}", "Sessions deleted when their time to live was over.");
        _meter.CreateObservableCounter("orleanschat.sessions.removed", () => Removed, "{session}", "Sessions deleted by a caller.");
    }

    /// <summary>Sessions in memory: those in use, and some minutes after.</summary>
    public long Live => Interlocked.Read(ref _live);

    /// <summary>Sessions deleted since the start because their time to live was over.</summary>
    public long Expired => Interlocked.Read(ref _expired);

    /// <summary>Sessions deleted since the start by a caller.</summary>
    public long Removed => Interlocked.Read(ref _removed);

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    internal void CountLive(int change) => Interlocked.Add(ref _live, change);

    internal void CountExpired() => Interlocked.Increment(ref _expired);

    internal void CountRemoved() => Interlocked.Increment(ref _removed);
}
