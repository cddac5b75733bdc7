namespace OrleansChat.GatewayApi.Overload;

/// <summary>
/// The places of requests that are worked on. A burst that is over soon waits in line for a place; what comes while the line is full is refused, and for as long as
/// refusals go on hardly anybody waits: a line that does not end makes all late and serves nobody more. Then a share of what comes may ask for a place at all.
/// </summary>
/// <remarks>
/// That only a line which stands is an overload, and that waits are then cut short, is the rule of controlled delay in queues of servers (K. Nichols, V. Jacobson, RFC 8289;
/// B. Maurer, "Fail at Scale", ACM Queue 13/8, 2015); here the length of the line is bounded, since places come free at a known pace.
/// </remarks>
internal sealed class WorkPlaces : IDisposable
{
    /// <summary>Work that takes longer waits for something that is broken, and keeps no place from what could go on.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait for a place.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>The time without a refusal after which requests wait in line again.</summary>
    public static readonly TimeSpan Calm = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(10);

    /// <summary>Requests let go by their share alone that are an overload as well; fewer in a second would have been a line.</summary>
    private const int OverloadOfShares = 256;

    private readonly Lock _lock = new();
    private readonly LinkedList<Waiter> _line = new();
    private readonly TimeProvider _clock;
    private readonly PlaceLimit _limit;
    private readonly WorkTimes _times = new();
    private readonly int _maxWaiting;
    private readonly int _alone;
    private readonly WorkDelay _delay;
    private readonly AdmittedShare _share = new();
    private readonly ITimer _timer;
    private int _withoutShare;
    private RequestWork? _earliest;
    private RequestWork? _latest;
    private long _refusedAt;
    private int _working;
    private int _peak;
    private bool _isShedding;
    private bool _isWatched;

    /// <summary>Makes the places.</summary>
    /// <param name="clock">The clock.</param>
    /// <param name="limit">How many there are.</param>
    /// <param name="maxWaiting">How many requests may wait for one.</param>
    /// <param name="alone">Up to how many at a time a request is as fast as alone.</param>
    /// <param name="delay">How late work begins.</param>
    public WorkPlaces(TimeProvider clock, PlaceLimit limit, int maxWaiting, int alone, WorkDelay delay)
    {
        (_clock, _limit, _maxWaiting, _alone, _delay) = (clock, limit, maxWaiting, alone, delay);
        _timer = clock.CreateTimer(_ => Watch(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Told when refusals begin and when they have ended.</summary>
    public Action<bool>? Changed { get; init; }

    /// <summary>Whether requests have been refused within the last moments.</summary>
    public bool IsShedding => Volatile.Read(ref _isShedding);

    /// <summary>How many requests may be worked on at a time.</summary>
    public int Limit
    {
        get
        {
            lock (_lock)
                return _limit.Value;
        }
    }

    /// <summary>Requests that are worked on.</summary>
    public int Working => Volatile.Read(ref _working);

    /// <summary>The share of requests that may ask for a place.</summary>
    public double Share
    {
        get
        {
            lock (_lock)
                return _share.Value;
        }
    }

    /// <summary>Requests that wait for a place.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
                return _line.Count;
        }
    }

    /// <summary>Takes a place, or stands in line for one.</summary>
    /// <param name="work">The work.</param>
    /// <param name="turn">Where the answer is null: whether there was a place in the end.</param>
    /// <returns>Whether there is a place; null for a wait in line.</returns>
    public bool? TryEnter(RequestWork work, out Task<bool>? turn)
    {
        turn = null;
        lock (_lock)
        {
            if (_isShedding && !_share.TryTake())
            {
                if (++_withoutShare >= OverloadOfShares)
                    Refused();
                return false;
            }

            if (_line.Count == 0 && HasPlace())
            {
                Begin(work);
                return true;
            }

            if (_line.Count < (_isShedding ? Math.Min(_maxWaiting, _limit.Value / 2) : _maxWaiting))
            {
                var waiter = new Waiter(work, _clock.GetTimestamp());
                _line.AddLast(waiter);
                turn = waiter.Turn.Task;
                BeginWatch();
                return null;
            }

            Refused();
            return false;
        }
    }

    /// <summary>The work waits for an upstream, a limit or its client.</summary>
    public void Pause(RequestWork work)
    {
        lock (_lock)
        {
            if (work.State is WorkState.Left || ++work.Waits > 1)
                return;
            End(work);
            work.State = WorkState.Waiting;
            Advance();
        }
    }

    /// <summary>The work goes on. It has been let in before and does not wait again.</summary>
    public void Resume(RequestWork work)
    {
        lock (_lock)
        {
            if (work.State is WorkState.Waiting && --work.Waits == 0)
                Begin(work);
        }
    }

    /// <summary>The work is over.</summary>
    public void Leave(RequestWork work, bool isDone)
    {
        lock (_lock)
        {
            if (work.State is WorkState.Left or WorkState.New)
                return;
            var isAlone = work.BeganAlone && _working <= _alone;
            if (work.State is WorkState.Working)
                End(work);
            work.State = WorkState.Left;
            if (isDone && work.Kind is not WorkKind.Other)
                Learn(work, isAlone);
            Advance();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Learn(RequestWork work, bool isAlone)
    {
        var now = _clock.GetElapsedTime(0, _clock.GetTimestamp()).TotalSeconds;
        if (_times.Add(work.Kind, work.Worked.TotalSeconds, isAlone, now) is not { } slowdown)
            return;
        _limit.Update(slowdown, _peak);
        _peak = _working;
    }

    private bool HasPlace()
    {
        if (_working < _limit.Value)
            return true;
        while (_earliest is { } work && _clock.GetElapsedTime(work.Since) >= Longest)
        {
            End(work);
            work.State = WorkState.Left;
        }

        return _working < _limit.Value;
    }

    /// <summary>Gives free places to those who wait for them.</summary>
    private void Advance()
    {
        while (_line.First is { } first && HasPlace())
        {
            _line.RemoveFirst();
            first.Value.Work.InLine = _clock.GetElapsedTime(first.Value.Since);
            Begin(first.Value.Work);
            first.Value.Turn.SetResult(true);
        }
    }

    private void Begin(RequestWork work)
    {
        _working++;
        _peak = Math.Max(_peak, _working);
        if (work.State is WorkState.New)
            work.BeganAlone = _working <= _alone;
        work.State = WorkState.Working;
        work.Since = _clock.GetTimestamp();
        work.Earlier = _latest;
        if (_latest is null)
            _earliest = work;
        else
            _latest.Later = work;
        _latest = work;
    }

    private void End(RequestWork work)
    {
        _working--;
        work.Worked += _clock.GetElapsedTime(work.Since);
        if (work.Earlier is null)
            _earliest = work.Later;
        else
            work.Earlier.Later = work.Later;
        if (work.Later is null)
            _latest = work.Earlier;
        else
            work.Later.Earlier = work.Earlier;
        (work.Earlier, work.Later) = (null, null);
    }

    private void Refused()
    {
        (_refusedAt, _withoutShare) = (_clock.GetTimestamp(), 0);
        if (_isShedding)
            return;
        _isShedding = true;
        Changed?.Invoke(true);
        BeginWatch();
    }

    private void BeginWatch()
    {
        if (_isWatched)
            return;
        _isWatched = true;
        _timer.Change(Period, Period);
    }

    /// <summary>Looks, while somebody waits or was refused, for what time brings.</summary>
    private void Watch()
    {
        lock (_lock)
        {
            Advance();
            if (_isShedding && _delay.Ask() is { } delay)
                _share.Learn(delay);
            while (_line.First is { } first && _clock.GetElapsedTime(first.Value.Since) >= Patience)
            {
                _line.RemoveFirst();
                first.Value.Turn.SetResult(false);
                Refused();
            }

            if (_isShedding && _clock.GetElapsedTime(_refusedAt) >= Calm)
            {
                _isShedding = false;
                _share.Reset();
                _delay.Forget();
                Changed?.Invoke(false);
            }

            if (_line.Count > 0 || _isShedding)
                return;
            _isWatched = false;
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    private sealed record Waiter(RequestWork Work, long Since)
    {
        // Whoever waited goes on elsewhere, and not under the lock of the one that made room.
        public TaskCompletionSource<bool> Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
