using OrleansChat.Core.Errors;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Telemetry.GenAi;

/// <summary>Measures and traces each attempt of a route, from asking its target.</summary>
internal sealed class MeasuredRouter(IRouter inner, GenAiMetrics metrics, RunningCalls running, TimeProvider time) : IRouter
{
    /// <inheritdoc/>
    public ValueTask<RoutedCall<T>> OpenAsync<T>(
        RouteRequest request, Func<UpstreamTarget, CancellationToken, ValueTask<T>> open, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return inner.OpenAsync(
            request, (target, opening) => OpenAsync(request, target, request.OperationId, token => open(target, token), opening), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<RoutedCall<T>> OpenHedgedAsync<T>(
        RouteRequest request, IHedge<T> hedge, Func<RouteAttempt, CancellationToken, ValueTask<T>> open, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return inner.OpenHedgedAsync(
            request,
            hedge,
            (attempt, opening) => OpenAsync(request, attempt.Target, attempt.OperationId, token => open(attempt, token), opening),
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask ReportFailureAsync(
        UpstreamTarget target, string attemptId, UpstreamException failure, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(attemptId);

        // An attempt's id is its operation's and the attempt's number.
        running.Fail(attemptId[..Math.Max(0, attemptId.LastIndexOf('/'))], failure);
        return inner.ReportFailureAsync(target, attemptId, failure, cancellationToken);
    }

    private async ValueTask<T> OpenAsync<T>(
        RouteRequest request, UpstreamTarget target, string operationId, Func<CancellationToken, ValueTask<T>> open, CancellationToken cancellationToken)
    {
        var call = UpstreamCall.Start(metrics, time, request.Operation, target);
        RunningCalls.IsRouted = true;
        try
        {
            var opened = await open(cancellationToken);
            if (opened is IStreamedAnswer)
                call.Begin();
            running.Add(operationId, call);
            return opened;
        }
        catch (Exception fault)
        {
            call.Fail(fault);
            throw;
        }
    }
}
