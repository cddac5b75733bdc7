using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Routing;

/// <summary>One walk along a route: each target is taken once, by whichever call is free for it.</summary>
/// <param name="request">What is routed.</param>
internal sealed class RouteRun(RouteRequest request)
{
    private readonly Lock _gate = new();
    private readonly IReadOnlyList<UpstreamTarget> _order = RouteOrder.Of(request.Model, request.OperationId);
    private int _taken;

    /// <summary>What is routed.</summary>
    public RouteRequest Request => request;

    /// <summary>What the targets said.</summary>
    public RouteFailures Failures { get; } = new(request.Model);

    /// <summary>The targets that nobody has taken.</summary>
    public IReadOnlyList<UpstreamTarget> Untried
    {
        get
        {
            lock (_gate)
                return _taken == 0 ? _order : _taken == _order.Count ? [] : [.. _order.Skip(_taken)];
        }
    }

    /// <summary>Takes the next target.</summary>
    /// <param name="operationId">The operation that takes it.</param>
    /// <returns>The attempt; null when none is left.</returns>
    public RouteAttempt? Next(string operationId)
    {
        lock (_gate)
            return _taken == _order.Count ? null : new RouteAttempt(_order[_taken], operationId, $"{operationId}/{++_taken}");
    }
}
