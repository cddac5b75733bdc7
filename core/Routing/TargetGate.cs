using OrleansChat.Core.Actors;
using OrleansChat.Core.Admission;
using OrleansChat.Core.CircuitBreaking;
using OrleansChat.Core.Errors;
using OrleansChat.Core.RateLimiting;

namespace OrleansChat.Core.Routing;

/// <summary>Lets a call to one target pass its breaker and its upstream's limits, and tells the breaker how it went.</summary>
/// <param name="actors">The actors.</param>
/// <param name="breakers">What is known of the upstreams.</param>
/// <param name="rules">The upstreams' limits.</param>
/// <param name="time">The source of time.</param>
internal sealed class TargetGate(IActorDirectory actors, BreakerWatch breakers, ScopeRules rules, TimeProvider time)
{
    /// <summary>Asks the breaker, if it is not known to be closed, and the upstream's limits.</summary>
    /// <param name="attempt">The call.</param>
    /// <param name="request">What is routed.</param>
    /// <param name="failures">Where a refusal goes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether the call is the breaker's probe; null when it may not go.</returns>
    public async ValueTask<bool?> EnterAsync(RouteAttempt attempt, RouteRequest request, RouteFailures failures, CancellationToken cancellationToken)
    {
        if (await AskBreakerAsync(attempt, failures, cancellationToken) is not { } probe)
            return null;

        try
        {
            if (await AskLimitsAsync(attempt, request, failures, cancellationToken))
                return probe;
        }
        catch when (probe)
        {
            await LeaveAsync(attempt);
            throw;
        }

        if (probe)
            await LeaveAsync(attempt);

        return null;
    }

    /// <summary>Whether an upstream has limits, so that a call that passed is counted there.</summary>
    /// <param name="upstream">The upstream.</param>
    /// <returns>Whether it has.</returns>
    public bool IsLimited(string upstream) => !rules.UpstreamLimits(upstream).IsEmpty;

    /// <summary>Frees what an operation had reserved of an upstream's limits and did not use.</summary>
    /// <param name="upstream">The upstream.</param>
    /// <param name="operationId">The operation.</param>
    /// <exception cref="StorageException">It could not be freed, and runs out with its lease.</exception>
    public ValueTask GiveBackAsync(string upstream, string operationId) =>
        actors.RateLimiter(ScopeOf(upstream)).SettleAsync(operationId, 0, CancellationToken.None);

    /// <summary>Tells of a call that went well, where that is news.</summary>
    /// <param name="attempt">The call.</param>
    /// <param name="probe">Whether it was the breaker's probe.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask ReportSuccessAsync(RouteAttempt attempt, bool probe, CancellationToken cancellationToken)
    {
        var upstream = attempt.Target.Upstream;
        if (!probe && breakers.Known(upstream) is { State: BreakerState.Closed, Failures: 0 })
        {
            breakers.CountSuccess(upstream);
            return;
        }

        var outcome = new BreakerOutcome(attempt.Id, null) { EarlierSuccesses = breakers.TakeSuccesses(upstream) };
        breakers.Learn(await actors.CircuitBreaker(upstream).ReportAsync(outcome, cancellationToken));
    }

    /// <summary>Tells of a call that failed.</summary>
    /// <param name="upstream">The upstream.</param>
    /// <param name="attemptId">The call.</param>
    /// <param name="failure">How it failed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask ReportFailureAsync(string upstream, string attemptId, UpstreamException failure, CancellationToken cancellationToken)
    {
        // A caller's mistake is no failure: only a breaker that counts failures, or waits for its probe, needs to hear that the upstream lives.
        if (failure.Failure is UpstreamFailure.InvalidRequest && breakers.Known(upstream) is { State: BreakerState.Closed, Failures: 0 })
            return;

        var outcome = new BreakerOutcome(attemptId, failure.Failure, failure.RetryAfter, failure.Problem.Detail)
        {
            EarlierSuccesses = breakers.TakeSuccesses(upstream),
        };
        breakers.Learn(await actors.CircuitBreaker(upstream).ReportAsync(outcome, cancellationToken));
    }

    /// <summary>Frees the probe's permit of a call of which nothing is known.</summary>
    /// <param name="attempt">The call.</param>
    public async ValueTask LeaveAsync(RouteAttempt attempt)
    {
        var outcome = new BreakerOutcome(attempt.Id, null) { Cancelled = true };
        breakers.Learn(await actors.CircuitBreaker(attempt.Target.Upstream).ReportAsync(outcome, CancellationToken.None));
    }

    private async ValueTask<bool?> AskBreakerAsync(RouteAttempt attempt, RouteFailures failures, CancellationToken cancellationToken)
    {
        var upstream = attempt.Target.Upstream;
        var snapshot = await breakers.CurrentAsync(upstream, cancellationToken);
        if (snapshot.State == BreakerState.Closed)
            return false;

        // Known to be open for longer: no need to ask.
        if (snapshot.State == BreakerState.Open && snapshot.RetryAt > time.GetUtcNow())
        {
            failures.AddOpen(attempt.Target, snapshot, time.GetUtcNow());
            return null;
        }

        var permit = await actors.CircuitBreaker(upstream).EnterAsync(attempt.Id, cancellationToken);
        breakers.Learn(permit.Snapshot);
        if (permit.Allowed)
            return permit.Probe;

        failures.AddOpen(attempt.Target, permit.Snapshot, time.GetUtcNow());
        return null;
    }

    private async ValueTask<bool> AskLimitsAsync(RouteAttempt attempt, RouteRequest request, RouteFailures failures, CancellationToken cancellationToken)
    {
        var limits = rules.UpstreamLimits(attempt.Target.Upstream);
        if (limits.IsEmpty || (attempt.Target.Upstream == request.AdmittedBy && attempt.OperationId == request.OperationId))
            return true;

        // By the operation's own id: should admission have counted it, this is a repeat and changes nothing.
        var scope = ScopeOf(attempt.Target.Upstream);
        var asked = new RateLimitRequest { OperationId = attempt.OperationId, Limits = limits, Tokens = request.Tokens };
        var decision = await actors.RateLimiter(scope).AcquireAsync(asked, cancellationToken);
        if (!decision.Admitted)
            failures.AddLimited(attempt.Target, scope, decision);

        return decision.Admitted;
    }

    private static string ScopeOf(string upstream) => $"upstream:{upstream}";
}
