// Compiled into silos too, where some of these usings are implicit.
#pragma warning disable IDE0005
using System.Diagnostics;
#pragma warning restore IDE0005

namespace OrleansChat.GatewayApi.Telemetry;

/// <summary>
/// So many traces a second, and those of one second at once: the generic cell rate algorithm (ITU-T I.371, A), which needs one number, so that whoever asks takes no lock. What a second
/// left unused can be used in the next one, and no later.
/// </summary>
internal sealed class TraceBound
{
    private readonly TimeProvider _time;
    private readonly long _interval;
    private readonly long _burst;
    private long _due;
    private long _dropped;

    /// <summary>Makes a bound of which nothing is used.</summary>
    /// <param name="perSecond">Traces a second, at least one.</param>
    /// <param name="time">The source of time.</param>
    public TraceBound(int perSecond, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(perSecond);
        _time = time;

        // Rounded up: never more than was allowed.
        _interval = (time.TimestampFrequency + perSecond - 1) / perSecond;
        _burst = _interval * perSecond;
        _due = time.GetTimestamp();
    }

    /// <summary>Traces that there was no room for.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Takes room for one trace.</summary>
    /// <returns>Whether there was some.</returns>
    public bool TryTake()
    {
        var now = _time.GetTimestamp();
        for (var due = Volatile.Read(ref _due); ;)
        {
            var next = Math.Max(due, now) + _interval;
            if (next - now > _burst)
            {
                Interlocked.Increment(ref _dropped);
                return false;
            }

            var seen = Interlocked.CompareExchange(ref _due, next, due);
            if (seen == due)
                return true;
            due = seen;
        }
    }
}
