using System.Collections.Concurrent;
using OrleansChat.Core.Settings;

namespace OrleansChat.GatewayApi.Streams;

/// <summary>A stream that must not be silent for too long.</summary>
internal interface IHeartbeat
{
    /// <summary>When something was last sent, as the clock's timestamp.</summary>
    long LastWrite { get; }

    /// <summary>Sends a sign of life.</summary>
    ValueTask BeatAsync();
}

/// <summary>One timer for all streams: thousands of silent ones cost no timer each.</summary>
internal sealed class HeartbeatClock : IDisposable
{
    private const int TicksPerInterval = 4;

    private readonly ConcurrentDictionary<IHeartbeat, byte> _streams = new(ReferenceEqualityComparer.Instance);
    private readonly TimeProvider _clock;
    private readonly TimeSpan _silence;
    private readonly ITimer _timer;

    public HeartbeatClock(OrleansChatOptions options, TimeProvider clock)
    {
        // A stream is looked at four times an interval and beaten after three quarters of it, so its silence never passes the interval.
        var tick = options.Gateway.HeartbeatInterval / TicksPerInterval;
        _clock = clock;
        _silence = options.Gateway.HeartbeatInterval - tick;
        _timer = clock.CreateTimer(_ => Tick(), null, tick, tick);
    }

    /// <summary>The time now, to be compared with <see cref="IHeartbeat.LastWrite"/>.</summary>
    public long Timestamp => _clock.GetTimestamp();

    /// <summary>What it looks at.</summary>
    public TimeProvider Time => _clock;

    /// <summary>Streams that are open.</summary>
    public int Count => _streams.Count;

    /// <summary>Looks after a stream from now on.</summary>
    public void Add(IHeartbeat stream) => _streams.TryAdd(stream, 0);

    /// <summary>Looks after a stream no longer.</summary>
    public void Remove(IHeartbeat stream) => _streams.TryRemove(stream, out _);

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Tick()
    {
        foreach (var (stream, _) in _streams)
        {
            if (_clock.GetElapsedTime(stream.LastWrite) >= _silence)
                _ = BeatAsync(stream);
        }
    }

    private static async Task BeatAsync(IHeartbeat stream)
    {
        try
        {
            await stream.BeatAsync();
        }
        catch (Exception fault) when (fault is OperationCanceledException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The client is gone; the stream's own task sees the same and ends.
        }
    }
}
