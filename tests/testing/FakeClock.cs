namespace OrleansChat.Testing;

/// <summary>
/// A clock that moves only when a test says so. Timers fire inside <see cref="Advance"/>, in order of their due time, with the clock
/// standing at that time.
/// </summary>
public sealed class FakeClock : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<FakeTimer> _timers = [];
    private DateTimeOffset _now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private TimeSpan _ahead;

    /// <summary>Timers that are waiting to fire; a test may wait on it to know that code under test has begun to wait.</summary>
    public int ActiveTimers
    {
        get
        {
            lock (_gate)
                return _timers.Count;
        }
    }

    /// <summary>Whether a timer fires exactly that long from now; with a length that nothing else has, a test knows who waits.</summary>
    /// <param name="wait">How long.</param>
    /// <returns>Whether there is one.</returns>
    public bool HasTimerIn(TimeSpan wait) => TimerIn(wait) is not null;

    /// <summary>How many timers fire exactly that long from now.</summary>
    /// <param name="wait">How long.</param>
    /// <returns>Their number.</returns>
    public int TimersIn(TimeSpan wait)
    {
        lock (_gate)
            return _timers.Count(timer => timer.Due == _now + wait);
    }

    /// <summary>
    /// The timer that fires exactly that long from now. Where it is the same one at two looks, it has been waiting all the time in between; many short waits of
    /// the same length, one after the other, are a timer each.
    /// </summary>
    /// <param name="wait">How long.</param>
    /// <returns>The timer, to be compared with another look's; null for none.</returns>
    public ITimer? TimerIn(TimeSpan wait)
    {
        lock (_gate)
            return _timers.Find(timer => timer.Due == _now + wait);
    }

    /// <summary>Moves the clock on until a timer has fired, if it still waits: what it measured may have ended since it was looked at.</summary>
    /// <param name="timer">What <see cref="TimerIn"/> gave.</param>
    /// <returns>Whether it fired.</returns>
    public bool Fire(ITimer timer)
    {
        var waiting = (FakeTimer)timer;
        TimeSpan step;
        lock (_gate)
        {
            if (!_timers.Contains(waiting))
                return false;

            step = waiting.Due - _now;
        }

        Advance(step);
        return waiting.HasFired;
    }

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
            return _now + _ahead;
    }

    /// <inheritdoc/>
    public override long GetTimestamp()
    {
        lock (_gate)
            return _now.UtcTicks;
    }

    /// <summary>Sets the time of day forward, or back, as an administrator does: no time passes, and no timer fires.</summary>
    /// <param name="step">How far; negative for back.</param>
    public void Jump(TimeSpan step)
    {
        lock (_gate)
            _ahead += step;
    }

    /// <summary>Moves the clock on.</summary>
    /// <param name="step">How far; zero fires what is due now.</param>
    public void Advance(TimeSpan step)
    {
        DateTimeOffset end;
        lock (_gate)
            end = _now + step;

        while (NextDue(end) is { } timer)
            timer.Fire();

        lock (_gate)
            _now = end;
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new FakeTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private FakeTimer? NextDue(DateTimeOffset end)
    {
        lock (_gate)
        {
            var next = _timers.MinBy(timer => timer.Due);
            if (next is null || next.Due > end)
                return null;

            if (next.Due > _now)
                _now = next.Due;

            next.Reschedule();
            return next;
        }
    }

    private sealed class FakeTimer(FakeClock clock, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period = Timeout.InfiniteTimeSpan;

        public DateTimeOffset Due { get; private set; }

        public bool HasFired { get; private set; }

        public void Fire()
        {
            HasFired = true;
            callback(state);
        }

        public void Reschedule()
        {
            if (_period > TimeSpan.Zero)
                Due += _period;
            else
                clock._timers.Remove(this);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                clock._timers.Remove(this);
                _period = period;
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    Due = clock._now + dueTime;
                    clock._timers.Add(this);
                }
            }

            return true;
        }

        public void Dispose()
        {
            lock (clock._gate)
                clock._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
