using OrleansChat.Core.Actors;
using OrleansChat.Core.Admission;
using OrleansChat.Core.CircuitBreaking;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Routing;

/// <summary>Tries a route's targets, one at a time or, where it hedges, two.</summary>
/// <param name="actors">The actors.</param>
/// <param name="breakers">What is known of the upstreams.</param>
/// <param name="rules">The upstreams' limits.</param>
/// <param name="time">The source of time.</param>
public sealed class Router(IActorDirectory actors, BreakerWatch breakers, ScopeRules rules, TimeProvider time) : IRouter
{
    private readonly TargetGate _gate = new(actors, breakers, rules, time);

    /// <summary>How many calls may wait for an upstream at a time; null for any number.</summary>
    internal UpstreamPlaces? Places { get; init; }

    /// <inheritdoc/>
    public OrleansChatException? FindRefusal(Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Places?.FindRefusal(model);
    }

    /// <inheritdoc/>
    public async ValueTask<RoutedCall<T>> OpenAsync<T>(
        RouteRequest request, Func<RouteAttempt, CancellationToken, ValueTask<T>> open, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(open);
        var run = new RouteRun(request);
        var lane = new RouteLane<T>(run, request.OperationId, _gate, Places, open);
        return await lane.RunAsync(cancellationToken) ?? throw run.Failures.ToException();
    }

    /// <inheritdoc/>
    public async ValueTask<RoutedCall<T>> OpenHedgedAsync<T>(
        RouteRequest request, IHedge<T> hedge, Func<RouteAttempt, CancellationToken, ValueTask<T>> open, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(open);
        var run = new RouteRun(request);
        var call = request.Model.HedgeAfter is { } after
            ? await new HedgedRoute<T>(run, LaneOf, hedge, time).RunAsync(after, cancellationToken)
            : await LaneOf(request.OperationId).RunAsync(cancellationToken);
        return call ?? throw run.Failures.ToException();

        RouteLane<T> LaneOf(string operationId) => new(run, operationId, _gate, Places, open);
    }

    /// <inheritdoc/>
    public ValueTask ReportFailureAsync(
        UpstreamTarget target, string attemptId, UpstreamException failure, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(failure);

        // By a name of its own: the breaker may have heard of the attempt's first token, and takes what it hears of one call twice for a repeat.
        return _gate.ReportFailureAsync(target.Upstream, $"{attemptId}/broken", failure, cancellationToken);
    }
}
