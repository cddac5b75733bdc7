using OrleansChat.Core.Errors;
using OrleansChat.Core.Health;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Telemetry.GenAi;

/// <summary>Measures and traces each attempt of a route, from asking its target.</summary>
internal sealed class MeasuredRouter(IRouter inner, GenAiMetrics metrics, RunningCalls running, Fallbacks fallbacks, TimeProvider time) : IRouter
{
    /// <inheritdoc/>
    public OrleansChatException? FindRefusal(Model model) => inner.FindRefusal(model);

    /// <inheritdoc/>
    public async ValueTask<RoutedCall<T>> OpenAsync<T>(
        RouteRequest request, Func<RouteAttempt, CancellationToken, ValueTask<T>> open, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var attempts = new Attempts();
        var call = await inner.OpenAsync(
            request,
            (attempt, opening) => OpenAsync(request, attempt, attempts, open, opening),
            cancellationToken);
        return Noted(request, call, attempts);
    }

    /// <inheritdoc/>
    public async ValueTask<RoutedCall<T>> OpenHedgedAsync<T>(
        RouteRequest request, IHedge<T> hedge, Func<RouteAttempt, CancellationToken, ValueTask<T>> open, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var attempts = new Attempts();
        var call = await inner.OpenHedgedAsync(
            request,
            hedge,
            (attempt, opening) => OpenAsync(request, attempt, attempts, open, opening),
            cancellationToken);
        return Noted(request, call, attempts);
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

    // Where weights draw the order, another upstream than the first is no fallback by itself.
    private RoutedCall<T> Noted<T>(RouteRequest request, RoutedCall<T> call, Attempts attempts)
    {
        var model = request.Model;
        var name = Fallbacks.RouteOf(model.Id);
        if (attempts.Failed || request.IsRestart || (call.Target != model.Route[0] && model.Shares.Count == 0 && model.HedgeAfter is null))
        {
            fallbacks.Enter(name, call.Target.ToString());
            return call with { IsFallback = true };
        }

        fallbacks.Leave(name);
        return call;
    }

    private async ValueTask<T> OpenAsync<T>(
        RouteRequest request, RouteAttempt attempt, Attempts attempts, Func<RouteAttempt, CancellationToken, ValueTask<T>> open, CancellationToken cancellationToken)
    {
        var call = UpstreamCall.Start(metrics, time, request.Operation, attempt.Target);
        if (request.Operation == ModelOperation.Embeddings)
            RunningCalls.IsRouted = true;
        try
        {
            var opened = await open(attempt, cancellationToken);
            if (opened is IStreamedAnswer)
                call.Begin();
            running.Add(attempt.OperationId, call);
            return opened;
        }
        catch (Exception fault)
        {
            attempts.Failed |= fault is UpstreamException;
            call.Fail(fault);

            // Whoever was left in the middle, or has failed after a part of an answer, is paid for it.
            running.Add(attempt.OperationId, call);
            throw;
        }
    }

    private sealed class Attempts
    {
        public volatile bool Failed;
    }
}
