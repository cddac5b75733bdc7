using OrleansChat.Core.Errors;
using OrleansChat.Core.Settings;

namespace OrleansChat.Core.CircuitBreaking;

/// <summary>
/// The decisions of a breaker, without I/O: closed → open after failures → half-open after a wait with exactly one probe → closed on its
/// success, or open again for twice as long. Moments are ticks of UTC.
/// </summary>
/// <param name="options">When it opens and for how long.</param>
/// <param name="state">What it knows; changed in place.</param>
internal sealed class BreakerMachine(BreakerOptions options, BreakerMemory state)
{
    /// <summary>The cause of what an admin did: callers are told it, so it names nobody.</summary>
    public const string Tripped = "Tripped by an admin.";

    /// <inheritdoc cref="Tripped"/>
    public const string WasReset = "Reset by an admin.";

    /// <summary>What the breaker knows.</summary>
    public BreakerMemory State => state;

    /// <summary>Asks whether a call may go.</summary>
    /// <param name="operationId">The call.</param>
    /// <param name="now">Now, in ticks.</param>
    /// <returns>Whether it may, and whether it is the probe.</returns>
    public (bool Allowed, bool Probe) Enter(string operationId, long now)
    {
        switch (StateAt(now))
        {
            case BreakerState.Closed:
                return (true, false);
            case BreakerState.Open:
                return (false, false);
            default:
                if (state.ProbeId is not null && state.ProbeUntil > now && state.ProbeId != operationId)
                    return (false, false);

                if (state.ProbeId != operationId || state.ProbeUntil <= now)
                {
                    state.ProbeId = operationId;
                    state.ProbeUntil = now + options.ProbeLease.Ticks;
                    state.Version++;
                    Note(BreakerState.HalfOpen, $"Call '{operationId}' probes.", now, null);
                }

                return (true, true);
        }
    }

    /// <summary>Hears how a call went.</summary>
    /// <param name="outcome">The outcome.</param>
    /// <param name="now">Now, in ticks.</param>
    public void Report(BreakerOutcome outcome, long now)
    {
        if (outcome.Cancelled)
        {
            EndProbe(outcome.OperationId);
            return;
        }

        Count(outcome, now);
        if (outcome.Failure is not { } failure)
        {
            Succeed(outcome.OperationId, now);
        }
        else if (failure == UpstreamFailure.RateLimited)
        {
            EndProbe(outcome.OperationId);
            CoolDown(outcome, now);
        }
        else if (IsFailure(failure))
        {
            Fail(outcome, failure, now);
        }
        else
        {
            // The upstream answered, only not with what the caller wanted: as good a sign of life as a success.
            if (failure == UpstreamFailure.InvalidRequest)
                Succeed(outcome.OperationId, now);
            else
                EndProbe(outcome.OperationId);
        }
    }

    /// <summary>Opens the breaker until it is reset.</summary>
    /// <param name="by">Who asked.</param>
    /// <param name="now">Now, in ticks.</param>
    public void Trip(string by, long now)
    {
        state.Phase = BreakerState.Open;
        state.OpenedAt = now;
        state.RetryAt = long.MaxValue;
        state.Cause = Tripped;
        state.By = by;
        state.ProbeId = null;
        state.Version++;
        Note(BreakerState.Open, Tripped, now, null, by);
    }

    /// <summary>Closes the breaker and forgets its failures and cooldown.</summary>
    /// <param name="by">Who asked.</param>
    /// <param name="now">Now, in ticks.</param>
    public void Reset(string by, long now) => Close(WasReset, now, by);

    /// <summary>The state at a moment: time alone makes an open breaker half-open.</summary>
    /// <param name="now">Now, in ticks.</param>
    /// <returns>The state.</returns>
    public BreakerState StateAt(long now) => state.Phase switch
    {
        BreakerState.Closed => state.CoolUntil > now ? BreakerState.Open : BreakerState.Closed,
        _ => Math.Max(state.RetryAt, state.CoolUntil) > now ? BreakerState.Open : BreakerState.HalfOpen,
    };

    /// <summary>The breaker as callers see it.</summary>
    /// <param name="upstream">The upstream's id.</param>
    /// <param name="now">Now, in ticks.</param>
    /// <returns>The snapshot.</returns>
    public BreakerSnapshot Describe(string upstream, long now)
    {
        var seen = StateAt(now);
        var retryAt = Math.Max(state.Phase == BreakerState.Closed ? 0 : state.RetryAt, state.CoolUntil);
        return new BreakerSnapshot
        {
            Upstream = upstream,
            State = seen,
            Failures = state.Failures,
            OpenedAt = seen == BreakerState.Closed ? null : Moment(state.Phase == BreakerState.Closed ? state.CooledAt : state.OpenedAt),
            RetryAt = seen == BreakerState.Closed || retryAt == long.MaxValue ? null : Moment(retryAt),
            Cause = seen == BreakerState.Closed ? null : state.Phase == BreakerState.Closed ? state.CoolCause : state.Cause,
            By = state.Phase == BreakerState.Closed ? null : state.By,
            Version = state.Version,
        };
    }

    /// <summary>The last changes, oldest first.</summary>
    /// <returns>The changes.</returns>
    public BreakerHistory History() => new([.. state.History]);

    private static DateTimeOffset Moment(long ticks) => new(ticks, TimeSpan.Zero);

    private static bool IsFailure(UpstreamFailure failure) => failure is
        UpstreamFailure.Connection or UpstreamFailure.Timeout or UpstreamFailure.ServerError or UpstreamFailure.Protocol
        or UpstreamFailure.Unauthorized;

    private void Succeed(string operationId, long now)
    {
        // A late success from before the breaker opened says nothing about the upstream as it is now.
        if (state.Phase == BreakerState.Closed)
        {
            if (state.Failures > 0)
            {
                state.Failures = 0;
                state.Version++;
            }
        }
        else if (state.ProbeId == operationId && state.RetryAt <= now)
        {
            Close($"Probe '{operationId}' succeeded.", now);
        }
    }

    private void Fail(BreakerOutcome outcome, UpstreamFailure failure, long now)
    {
        if (state.Phase == BreakerState.Closed)
        {
            state.Failures++;
            state.Version++;
            if (state.Failures >= options.ConsecutiveFailures || RatioIsReached())
                Open(outcome, failure, now, opens: 1);
        }
        else if (state.ProbeId == outcome.OperationId && state.RetryAt != long.MaxValue)
        {
            state.Failures++;
            Open(outcome, failure, now, state.Opens + 1);
        }
    }

    private void Open(BreakerOutcome outcome, UpstreamFailure failure, long now, int opens)
    {
        var doublings = Math.Min(opens - 1, 30);
        var wait = (long)Int128.Min(options.MaxOpenDuration.Ticks, (Int128)options.OpenDuration.Ticks << doublings);
        state.Phase = BreakerState.Open;
        state.Opens = opens;
        state.OpenedAt = now;
        state.RetryAt = now + Math.Max(wait, Math.Min(outcome.RetryAfter?.Ticks ?? 0, options.MaxCooldown.Ticks));
        state.Cause = $"{failure}: {outcome.Detail}";
        state.By = null;
        state.ProbeId = null;
        state.Version++;
        Note(BreakerState.Open, state.Cause, now, state.RetryAt);
    }

    private void CoolDown(BreakerOutcome outcome, long now)
    {
        var wait = Math.Min((outcome.RetryAfter ?? options.DefaultCooldown).Ticks, options.MaxCooldown.Ticks);
        if (wait <= 0 || now + wait <= state.CoolUntil)
            return;

        state.CooledAt = now;
        state.CoolUntil = now + wait;
        state.CoolCause = $"{UpstreamFailure.RateLimited}: {outcome.Detail}";
        state.Version++;
        if (state.Phase == BreakerState.Closed)
            Note(BreakerState.Open, state.CoolCause, now, state.CoolUntil);
    }

    private void EndProbe(string operationId)
    {
        if (state.ProbeId != operationId)
            return;

        state.ProbeId = null;
        state.Version++;
    }

    private void Close(string cause, long now, string? by = null)
    {
        var version = state.Version + 1;
        state.Clear();
        state.Version = version;
        Note(BreakerState.Closed, cause, now, null, by);
    }

    private void Note(BreakerState seen, string cause, long now, long? retryAt, string? by = null)
    {
        state.History.Add(new BreakerTransition(Moment(now), seen, cause, retryAt is { } at ? Moment(at) : null, by));
        if (state.History.Count > BreakerHistory.Most)
            state.History.RemoveRange(0, state.History.Count - BreakerHistory.Most);
    }

    private void Count(BreakerOutcome outcome, long now)
    {
        if (options.FailureRatio is null || state.Phase != BreakerState.Closed)
            return;

        var failed = outcome.Failure is { } failure && IsFailure(failure) ? 1 : 0;
        Window.Add(1 + outcome.EarlierSuccesses, failed, now);
    }

    private bool RatioIsReached()
    {
        if (options.FailureRatio is not { } ratio)
            return false;

        var (calls, failures) = Window.Sum();
        return calls >= options.MinimumCalls && failures >= ratio * calls;
    }

    private CallWindow Window => new(options.FailureWindow, state.Counts);
}
