using OrleansChat.Testing;

namespace OrleansChat.VectorQdrant.Tests.Simulation;

/// <summary>A clock that moves only when a test says so, and whose first timer comes early, as one may that counts whole ticks.</summary>
internal sealed class EarlyClock : TimeProvider
{
    /// <summary>How much too early.</summary>
    public static readonly TimeSpan Early = TimeSpan.FromMilliseconds(1);

    private readonly FakeClock _clock = new();
    private int _started;

    /// <summary>Timers that have been started.</summary>
    public int Started => Volatile.Read(ref _started);

    /// <inheritdoc/>
    public override long TimestampFrequency => _clock.TimestampFrequency;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _clock.GetUtcNow();

    /// <inheritdoc/>
    public override long GetTimestamp() => _clock.GetTimestamp();

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = _clock.CreateTimer(callback, state, Started == 0 ? dueTime - Early : dueTime, period);
        Interlocked.Increment(ref _started);
        return timer;
    }

    /// <summary>Moves the clock on.</summary>
    /// <param name="by">By how much.</param>
    public void Advance(TimeSpan by) => _clock.Advance(by);
}
