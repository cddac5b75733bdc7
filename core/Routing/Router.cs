using OrleansChat.Core.Actors;
using OrleansChat.Core.Admission;
using OrleansChat.Core.CircuitBreaking;
using OrleansChat.Core.Errors;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Routing;

/// <summary>Tries a route's targets in order.</summary>
/// <param name="actors">The actors.</param>
/// <param name="breakers">What is known of the upstreams.</param>
/// <param name="rules">The upstreams' limits.</param>
/// <param name="time">The source of time.</param>
public sealed class Router(IActorDirectory actors, BreakerWatch breakers, ScopeRules rules, TimeProvider time) : IRouter
{
    /// <inheritdoc/>
    public async ValueTask<RoutedCall<T>> OpenAsync<T>(
        RouteRequest request, Func<UpstreamTarget, CancellationToken, ValueTask<T>> open, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(open);
        var failures = new RouteFailures(request.Model);
        for (var i = 0; i < request.Model.Route.Count; i++)
        {
            var target = request.Model.Route[i];
            var attemptId = $"{request.OperationId}/{i + 1}";
            if (await EnterAsync(target, attemptId, failures, cancellationToken) is not { } probe
                || !await AcquireAsync(request, target, attemptId, probe, failures, cancellationToken))
            {
                continue;
            }

            try
            {
                var opened = await open(target, cancellationToken);
                await ReportSuccessAsync(target, attemptId, probe, cancellationToken);
                return new RoutedCall<T>(target, attemptId, opened);
            }
            catch (UpstreamException failure)
            {
                // Not the caller's token: the breaker and the limits shall hear of it even if he has left.
                await ReportFailureAsync(target, attemptId, failure, CancellationToken.None);
                if (!failure.MayTryNext)
                    throw;

                failures.Add(target, failure);
                await GiveBackAsync(request, i);
            }
            catch (Exception) when (probe)
            {
                await LeaveAsync(target, attemptId);
                throw;
            }
        }

        throw failures.ToException();
    }

    /// <inheritdoc/>
    public async ValueTask ReportFailureAsync(
        UpstreamTarget target, string attemptId, UpstreamException failure, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(failure);

        // A caller's mistake is no failure: only a breaker that counts failures, or waits for its probe, needs to hear that the upstream lives.
        if (failure.Failure is UpstreamFailure.InvalidRequest && breakers.Known(target.Upstream) is { State: BreakerState.Closed, Failures: 0 })
            return;

        var outcome = new BreakerOutcome(attemptId, failure.Failure, failure.RetryAfter, failure.Problem.Detail)
        {
            EarlierSuccesses = breakers.TakeSuccesses(target.Upstream),
        };
        breakers.Learn(await actors.CircuitBreaker(target.Upstream).ReportAsync(outcome, cancellationToken));
    }

    /// <summary>Asks the breaker, if it is not known to be closed.</summary>
    /// <returns>Whether the call is the probe; null when it may not go.</returns>
    private async ValueTask<bool?> EnterAsync(
        UpstreamTarget target, string attemptId, RouteFailures failures, CancellationToken cancellationToken)
    {
        var snapshot = await breakers.CurrentAsync(target.Upstream, cancellationToken);
        if (snapshot.State == BreakerState.Closed)
            return false;

        // Known to be open for longer: no need to ask.
        if (snapshot.State == BreakerState.Open && snapshot.RetryAt > time.GetUtcNow())
        {
            failures.AddOpen(target, snapshot, time.GetUtcNow());
            return null;
        }

        var permit = await actors.CircuitBreaker(target.Upstream).EnterAsync(attemptId, cancellationToken);
        breakers.Learn(permit.Snapshot);
        if (permit.Allowed)
            return permit.Probe;

        failures.AddOpen(target, permit.Snapshot, time.GetUtcNow());
        return null;
    }

    private async ValueTask<bool> AcquireAsync(
        RouteRequest request, UpstreamTarget target, string attemptId, bool probe, RouteFailures failures, CancellationToken cancellationToken)
    {
        var limits = rules.UpstreamLimits(target.Upstream);
        if (limits.IsEmpty)
            return true;

        // By the operation's own id: where admission has already counted it, this is a repeat and changes nothing.
        var asked = new RateLimitRequest { OperationId = request.OperationId, Limits = limits, Tokens = request.Tokens };
        var decision = await actors.RateLimiter(ScopeOf(target)).AcquireAsync(asked, cancellationToken);
        if (decision.Admitted)
            return true;

        failures.AddLimited(target, ScopeOf(target), decision);
        if (probe)
            await LeaveAsync(target, attemptId);

        return false;
    }

    /// <summary>Frees what a failed attempt had reserved of its upstream's limits, unless the route comes to that upstream again.</summary>
    private async ValueTask GiveBackAsync(RouteRequest request, int attempt)
    {
        var route = request.Model.Route;
        var upstream = route[attempt].Upstream;
        if (rules.UpstreamLimits(upstream).IsEmpty || route.Skip(attempt + 1).Any(later => later.Upstream == upstream))
            return;

        await actors.RateLimiter(ScopeOf(route[attempt])).SettleAsync(request.OperationId, 0, CancellationToken.None);
    }

    private async ValueTask ReportSuccessAsync(UpstreamTarget target, string attemptId, bool probe, CancellationToken cancellationToken)
    {
        if (!probe && breakers.Known(target.Upstream) is { State: BreakerState.Closed, Failures: 0 })
        {
            breakers.CountSuccess(target.Upstream);
            return;
        }

        var outcome = new BreakerOutcome(attemptId, null) { EarlierSuccesses = breakers.TakeSuccesses(target.Upstream) };
        breakers.Learn(await actors.CircuitBreaker(target.Upstream).ReportAsync(outcome, cancellationToken));
    }

    /// <summary>Frees the probe's permit of a call of which nothing is known.</summary>
    private async ValueTask LeaveAsync(UpstreamTarget target, string attemptId)
    {
        var outcome = new BreakerOutcome(attemptId, null) { Cancelled = true };
        breakers.Learn(await actors.CircuitBreaker(target.Upstream).ReportAsync(outcome, CancellationToken.None));
    }

    private static string ScopeOf(UpstreamTarget target) => $"upstream:{target.Upstream}";
}
