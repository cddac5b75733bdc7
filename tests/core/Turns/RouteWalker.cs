using System.Collections.Concurrent;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Tests.Turns;

/// <summary>Walks a route without breakers.</summary>
internal sealed class RouteWalker : IRouter
{
    private readonly ConcurrentQueue<(string Upstream, UpstreamFailure Failure)> _reported = new();

    public IReadOnlyCollection<(string Upstream, UpstreamFailure Failure)> Reported => _reported;

    /// <summary>What a call is told for which no target has room; null while there is room.</summary>
    public OrleansChatException? Refusal { get; set; }

    public OrleansChatException? FindRefusal(Model model) => Refusal;

    public async ValueTask<RoutedCall<T>> OpenAsync<T>(
        RouteRequest request, Func<RouteAttempt, CancellationToken, ValueTask<T>> open, CancellationToken cancellationToken)
    {
        UpstreamException? last = null;
        foreach (var (i, target) in request.Model.Route.Index())
        {
            try
            {
                return new RoutedCall<T>(target, $"{request.OperationId}/{target}", await open(new RouteAttempt(target, request.OperationId, request.OperationId), cancellationToken))
                {
                    OperationId = request.OperationId,
                    Untried = [.. request.Model.Route.Skip(i + 1)],
                };
            }
            catch (UpstreamException failure) when (failure.MayTryNext)
            {
                last = failure;
            }
        }

        throw last!;
    }

    public ValueTask<RoutedCall<T>> OpenHedgedAsync<T>(
        RouteRequest request, IHedge<T> hedge, Func<RouteAttempt, CancellationToken, ValueTask<T>> open, CancellationToken cancellationToken) =>
        OpenAsync(request, open, cancellationToken);

    public ValueTask ReportFailureAsync(UpstreamTarget target, string attemptId, UpstreamException failure, CancellationToken cancellationToken)
    {
        _reported.Enqueue((target.Upstream, failure.Failure));
        return ValueTask.CompletedTask;
    }
}
