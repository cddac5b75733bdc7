using OrleansChat.Core.Actors;
using OrleansChat.Core.Errors;

namespace OrleansChat.Core.RateLimiting;

/// <summary>The rate limiter of one scope: decides by <see cref="LimitedScope"/>, records by <see cref="Allowance"/>.</summary>
public sealed class RateLimiterActor : IRateLimiterActor, IVisitedLimiter, IActorLifecycle
{
    private static readonly RateLimitDecision Admitted = new() { Admitted = true };
    private static readonly RateLimitDecision InLine = new() { Admitted = false, Waiting = true };

    private readonly IActorState<RateLimiterState> _state;
    private readonly SteadyClock _clock;
    private readonly StateFlush _flush;
    private readonly LimitedScope _scope;
    private readonly Allowance _allowance = new();
    private readonly WaitingLine<RateLimitRequest, LimitVerdict> _line;
    private readonly PatientLine _patient;
    private readonly PatientCallers _callers;
    private RateLimits _limits = RateLimits.None;
    private long _visitedAt;
    private bool _changed;
    private bool _ending;

    /// <summary>Makes an activation.</summary>
    /// <param name="context">The host.</param>
    /// <param name="state">The record.</param>
    /// <param name="time">The source of time.</param>
    public RateLimiterActor(IActorContext context, IActorState<RateLimiterState> state, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(state);
        _state = state;
        _clock = new SteadyClock(time);
        _flush = new StateFlush(SaveAsync, context.Deactivate);
        _scope = RateLimiterRecord.Restore(state.Value, _clock.Now);

        // What a killed activation was allowed has been counted now; it must not be counted again.
        _changed = state.Value is { AllowedRequests: > 0 } or { AllowedTokens: > 0 } or { AllowedLeases: > 0 };
        _line = new WaitingLine<RateLimitRequest, LimitVerdict>(_clock, _scope, MovePatient);
        _patient = new PatientLine(_scope);
        _callers = new PatientCallers(_patient, _clock, time, Advance);
    }

    /// <inheritdoc/>
    public ValueTask<RateLimitDecision> AcquireAsync(RateLimitRequest request, CancellationToken cancellationToken)
    {
        Check(request);
        var now = Advance();
        if (_scope.Knows(request.OperationId))
        {
            if (!request.Tentative && _scope.Confirm(request.OperationId))
                _line.Move(now);

            return AdmittedAsync(request, now);
        }

        if (!_patient.IsEmpty)
            _callers.Hear(request);

        if (!_patient.IsEmpty)
            return new(Refusal(request, _patient.Behind(request, now), now));

        if (_line.IsEmpty && _scope.TryDecide(request, take: true, now, out var verdict, out _))
            return verdict.Fits ? AdmittedAsync(request, now) : new(Refusal(request, verdict, now));

        return UndecidedAsync(request, take: true, cancellationToken);
    }

    /// <inheritdoc/>
    bool IVisitedLimiter.MayTake(RateLimitRequest request, bool isNew)
    {
        Check(request);
        _visitedAt = Advance();
        return _patient.IsEmpty && _line.IsEmpty
            && (isNew || !_scope.Knows(request.OperationId))
            && _scope.Decide(request, _visitedAt).Fits
            && _allowance.CoversAlso(request, _scope, _visitedAt);
    }

    /// <inheritdoc/>
    RateLimitStatus? IVisitedLimiter.Take(RateLimitRequest request)
    {
        // The same moment as a moment ago: nothing else has run here in between.
        _scope.Admit(request, _visitedAt);
        NoteAdmitted(request, _visitedAt);
        return request.Describe ? _scope.Describe(request.Limits, _visitedAt) : null;
    }

    /// <inheritdoc/>
    public async ValueTask<RateLimitDecision> WaitAsync(RateLimitRequest request, TimeSpan patience, CancellationToken cancellationToken)
    {
        Check(request);
        CheckPatience(patience);
        var now = Advance();
        if (_scope.Knows(request.OperationId))
            return await AdmittedAsync(request, now);

        try
        {
            if (await _callers.JoinAsync(request, patience, cancellationToken) is not { } verdict)
                return InLine;

            now = _clock.Now;
            return verdict.Fits ? await AdmittedAsync(request with { Limits = _patient.Limits }, now) : Refusal(request, verdict, now);
        }
        catch (OperationCanceledException)
        {
            Forget(request.OperationId);
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask<RateLimitDecision> PeekAsync(RateLimitRequest request, CancellationToken cancellationToken)
    {
        Check(request);
        var now = Advance();
        if (!_patient.IsEmpty)
            return new(Refusal(request, _patient.Behind(request, now), now));

        if (_line.IsEmpty && _scope.TryDecide(request, take: false, now, out var verdict, out _))
            return new(verdict.Fits ? AdmittedNow(request, now) : Refusal(request, verdict, now));

        return UndecidedAsync(request, take: false, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> ConfirmAsync(string operationId, CancellationToken cancellationToken)
    {
        var now = Advance();
        var stood = _scope.Confirm(operationId);
        _line.Move(now);
        return new(stood);
    }

    /// <inheritdoc/>
    public ValueTask SettleAsync(string operationId, long tokens, CancellationToken cancellationToken)
    {
        if (tokens < 0)
            throw RequestException.Invalid("tokens", $"A settlement of {tokens} tokens: the number must not be negative.");

        var now = Advance();
        _changed = true;
        _scope.Settle(operationId, Math.Min(tokens, RateLimitRequest.MostTokens), now);
        _line.Move(now);
        return _allowance.Covers(_scope, _limits) ? default : new(_flush.FlushAsync());
    }

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(string operationId, CancellationToken cancellationToken)
    {
        Advance();
        _changed = true;
        Forget(operationId);
        return default;
    }

    /// <inheritdoc/>
    public ValueTask<bool> RenewAsync(string operationId, TimeSpan lease, CancellationToken cancellationToken)
    {
        CheckLease(lease);
        var now = Advance();
        _changed = true;
        var held = _scope.Renew(operationId, lease, now);
        _line.Move(now);
        return new(held);
    }

    /// <inheritdoc/>
    public ValueTask<RateLimitStatus> DescribeAsync(RateLimits limits, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(limits);
        return new(_scope.Describe(limits, Advance()));
    }

    /// <summary>Completes when the writes that are under way or due at this moment have ended: who waited for no more than the record is answered.</summary>
    /// <returns>A task that does not fail.</returns>
    public Task WaitForRecordAsync() => _flush.WaitAsync();

    /// <inheritdoc/>
    public async ValueTask DeactivateAsync(CancellationToken cancellationToken)
    {
        if (!_changed)
            return;

        Advance();
        _ending = true;
        _scope.DropTentative();
        await _flush.FlushAsync();
    }

    private static void Check(RateLimitRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentException.ThrowIfNullOrEmpty(request.OperationId);
        if (request.Tokens is < 0 or > RateLimitRequest.MostTokens)
        {
            throw RequestException.Invalid(
                "tokens", $"A request for {request.Tokens} tokens: the number must lie between 0 and {RateLimitRequest.MostTokens}.");
        }

        CheckLease(request.Lease);
    }

    private static void CheckLease(TimeSpan lease)
    {
        if (lease <= TimeSpan.Zero || lease > RateLimitRequest.LongestLease)
            throw RequestException.Invalid("lease", $"A lease of {lease}: it must be above 0 and at most {RateLimitRequest.LongestLease}.");
    }

    private static void CheckPatience(TimeSpan patience)
    {
        if (patience < TimeSpan.Zero || patience > RateLimitRequest.LongestWait)
            throw RequestException.Invalid("patience", $"A wait of {patience}: it must lie between 0 and {RateLimitRequest.LongestWait}.");
    }

    private long Advance()
    {
        var now = _clock.Now;
        if (_scope.Advance(now))
            _line.Move(now);
        else
            MovePatient(now);

        return now;
    }

    /// <summary>Those who wait for another's outcome hold other scopes, so they come first; nobody joins them while others wait in line.</summary>
    private void MovePatient(long now)
    {
        if (!_patient.IsEmpty)
            _patient.Move(now, mayLetIn: _line.IsEmpty);
    }

    private void Forget(string operationId)
    {
        _patient.Leave(operationId);
        _scope.Release(operationId);
        _line.Move(_clock.Now);
    }

    private async ValueTask<RateLimitDecision> UndecidedAsync(RateLimitRequest request, bool take, CancellationToken cancellationToken)
    {
        var verdict = await _line.JoinAsync(request, take, cancellationToken);
        var now = _clock.Now;
        if (!verdict.Fits)
            return Refusal(request, verdict, now);

        return take ? await AdmittedAsync(request, now) : AdmittedNow(request, now);
    }

    /// <summary>The answer to an admission, once the durable record covers it.</summary>
    private ValueTask<RateLimitDecision> AdmittedAsync(RateLimitRequest request, long now)
    {
        return NoteAdmitted(request, now) ? new(AdmittedNow(request, now)) : RecordedAsync(request, now);
    }

    /// <summary>Sees to it that the record goes on covering admissions.</summary>
    /// <returns>Whether it covers this one.</returns>
    private bool NoteAdmitted(RateLimitRequest request, long now)
    {
        _changed = true;
        _limits = request.Limits;
        if (!_allowance.Covers(_scope, _limits))
            return false;

        if (!_flush.IsWriting && _allowance.RunsLow(_scope, _limits, now))
            _ = RecordAheadAsync();

        return true;
    }

    private async ValueTask<RateLimitDecision> RecordedAsync(RateLimitRequest request, long now)
    {
        await _flush.FlushAsync();
        return AdmittedNow(request, now);
    }

    private async Task RecordAheadAsync()
    {
        try
        {
            await _flush.FlushAsync();
        }
        catch (Exception)
        {
            // The activation ends, and whoever needs the record is told by a write of his own.
        }
    }

    private async ValueTask SaveAsync(CancellationToken cancellationToken)
    {
        _state.Value = _ending ? RateLimiterRecord.Exact(_scope, _clock.Now) : _allowance.BeginWrite(_scope, _limits, _clock.Now);
        await _state.SaveAsync(cancellationToken);
        _allowance.EndWrite();
    }

    private RateLimitDecision AdmittedNow(RateLimitRequest request, long now) =>
        request.Describe ? Admitted with { Status = _scope.Describe(request.Limits, now) } : Admitted;

    private RateLimitDecision Refusal(RateLimitRequest request, LimitVerdict verdict, long now) => new()
    {
        Admitted = false,
        Limit = verdict.Limit,
        RetryAfter = verdict.PassesAt == long.MaxValue ? null : TimeSpan.FromTicks(Math.Max(0, verdict.PassesAt - now)),
        Status = request.Describe ? _scope.Describe(request.Limits, now) : null,
    };
}
