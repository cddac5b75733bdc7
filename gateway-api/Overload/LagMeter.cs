namespace OrleansChat.GatewayApi.Overload;

/// <summary>
/// How late work begins in this process: a timer that comes late waited as every request does. Read at any time, also while the timer itself is late,
/// and smoothed over about a second, so that one pause of the collector is no overload.
/// </summary>
internal sealed class LagMeter : IDisposable
{
    private const double Weight = 0.1;
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(50);

    private readonly TimeProvider _clock;
    private readonly ITimer _timer;
    private long _last;
    private double _smoothed;

    public LagMeter(TimeProvider clock)
    {
        _clock = clock;
        _last = clock.GetTimestamp();
        _timer = clock.CreateTimer(_ => Tick(), null, Period, Period);
    }

    /// <summary>The lag now.</summary>
    public TimeSpan Lag
    {
        get
        {
            // A timer that has not come yet is as many ticks late as fit into the time since it came.
            var late = _clock.GetElapsedTime(Volatile.Read(ref _last)) - Period;
            var smoothed = Volatile.Read(ref _smoothed);
            for (var missed = late; missed > Period; missed -= Period)
                smoothed += (late.TotalSeconds - smoothed) * Weight;
            return TimeSpan.FromSeconds(smoothed);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Tick()
    {
        var now = _clock.GetTimestamp();
        var late = Math.Max(0, (_clock.GetElapsedTime(Volatile.Read(ref _last), now) - Period).TotalSeconds);
        Volatile.Write(ref _smoothed, _smoothed + ((late - _smoothed) * Weight));
        Volatile.Write(ref _last, now);
    }
}
