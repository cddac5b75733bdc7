namespace OrleansChat.Providers.Http;

/// <summary>
/// The clocks of one upstream call: the total runs from the start, the token clock only while a read waits for the upstream, so
/// that a slow reader is never taken for a silent upstream.
/// </summary>
internal sealed class UpstreamDeadline : IDisposable
{
    private const int NonePassed = -1;

    private readonly UpstreamTimeouts _timeouts;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _source;
    private readonly ITimer _totalTimer;
    private readonly long _began;
    private ITimer? _tokenTimer;
    private TimeSpan _budget = Timeout.InfiniteTimeSpan;
    private UpstreamPhase _phase = UpstreamPhase.FirstToken;
    private long _waitingSince;
    private int _passed = NonePassed;
    private int _disposed;

    public UpstreamDeadline(UpstreamTimeouts timeouts, TimeProvider time, CancellationToken caller)
    {
        _timeouts = timeouts;
        _time = time;
        _began = time.GetTimestamp();
        Caller = caller;
        _source = CancellationTokenSource.CreateLinkedTokenSource(caller);
        _totalTimer = time.CreateTimer(static call => ((UpstreamDeadline)call!).Pass(UpstreamPhase.Total), this, timeouts.Total, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The caller's own cancellation.</summary>
    public CancellationToken Caller { get; }

    /// <summary>How long ago the call began.</summary>
    public TimeSpan Age => _time.GetElapsedTime(_began);

    /// <summary>Cancelled by the caller or by a clock.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>A new attempt waits for its first token; an unstreamed one has no tokens to wait for, only the total.</summary>
    public void StartAttempt(bool isStream)
    {
        _phase = UpstreamPhase.FirstToken;
        _budget = isStream ? _timeouts.FirstToken : Timeout.InfiniteTimeSpan;
    }

    /// <summary>A token came: the next one has the full time between tokens.</summary>
    public void SeeToken()
    {
        if (_budget == Timeout.InfiniteTimeSpan)
            return;
        _phase = UpstreamPhase.BetweenTokens;
        _budget = _timeouts.BetweenTokens;
        _waitingSince = _time.GetTimestamp();
    }

    /// <summary>Starts the token clock: from here on the upstream is being waited for.</summary>
    public void BeginWait()
    {
        if (_budget == Timeout.InfiniteTimeSpan)
            return;
        _waitingSince = _time.GetTimestamp();
        _tokenTimer ??= _time.CreateTimer(static call => ((UpstreamDeadline)call!).PassToken(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _tokenTimer.Change(_budget, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Stops the token clock and keeps what is left of its budget.</summary>
    public void EndWait()
    {
        if (_budget == Timeout.InfiniteTimeSpan)
            return;
        _tokenTimer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        var left = _budget - _time.GetElapsedTime(_waitingSince);
        _budget = left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>A cancellation of its own after that time on the same clock.</summary>
    public CancellationTokenSource After(TimeSpan time) => new(time, _time);

    /// <summary>What a cancellation seen during this call means: the caller's, or a timeout of the upstream.</summary>
    public Exception Explain(OperationCanceledException cancelled, UpstreamFaults faults)
    {
        if (Caller.IsCancellationRequested)
            return new OperationCanceledException(cancelled.Message, cancelled, Caller);
        var passed = Volatile.Read(ref _passed);
        return passed == NonePassed ? cancelled : faults.TimedOut((UpstreamPhase)passed, _timeouts, cancelled);
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _totalTimer.Dispose();
        _tokenTimer?.Dispose();
        _source.Dispose();
    }

    private void PassToken() => Pass(_phase);

    private void Pass(UpstreamPhase phase)
    {
        if (Interlocked.CompareExchange(ref _passed, (int)phase, NonePassed) != NonePassed)
            return;
        try
        {
            _source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The call ended as the clock struck; nobody is left to tell.
        }
    }
}
