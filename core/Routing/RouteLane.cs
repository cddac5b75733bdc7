using OrleansChat.Core.Errors;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Routing;

/// <summary>One operation on its way along a route: it asks one target at a time until one opens.</summary>
/// <typeparam name="T">What an open call is to the caller.</typeparam>
/// <param name="run">The walk along the route.</param>
/// <param name="operationId">The operation.</param>
/// <param name="gate">Breakers and limits.</param>
/// <param name="places">How many calls may wait for an upstream at a time; null for any number.</param>
/// <param name="open">Asks one target.</param>
internal sealed class RouteLane<T>(
    RouteRun run, string operationId, TargetGate gate, UpstreamPlaces? places, Func<RouteAttempt, CancellationToken, ValueTask<T>> open)
{
    /// <summary>The operation.</summary>
    public string OperationId => operationId;

    /// <summary>The target that was sent the prompt and has not said that it failed; null for none.</summary>
    public UpstreamTarget? Asked { get; private set; }

    /// <summary>Asks targets until one opens.</summary>
    /// <param name="cancellationToken">Stops at once, and is nobody's failure.</param>
    /// <returns>The open call; null when no target is left.</returns>
    /// <exception cref="UpstreamException">The caller's own mistake as a target found it.</exception>
    public async ValueTask<RoutedCall<T>?> RunAsync(CancellationToken cancellationToken)
    {
        while (run.Next(operationId) is { } attempt)
        {
            if (await gate.EnterAsync(attempt, run.Request, run.Failures, cancellationToken) is { } probe
                && await AskAsync(attempt, probe, cancellationToken) is { } call)
            {
                return call;
            }
        }

        return null;
    }

    private async ValueTask<RoutedCall<T>?> AskAsync(RouteAttempt attempt, bool probe, CancellationToken cancellationToken)
    {
        var waiting = places?.Of(attempt.Target);
        var call = waiting?.TryBegin();
        if (waiting is not null && call is null && !probe)
        {
            places!.CountRefusal(attempt.Target);
            run.Failures.AddSlow(attempt.Target);
            await GiveBackAsync(attempt);
            return null;
        }

        T opened;
        var isAnswered = false;
        try
        {
            Asked = attempt.Target;
            opened = await open(attempt, cancellationToken);
            isAnswered = true;
        }
        catch (UpstreamException failure)
        {
            // Not the caller's token: the breaker and the limits shall hear of it even if he has left.
            Asked = null;
            await gate.ReportFailureAsync(attempt.Target.Upstream, attempt.Id, failure, CancellationToken.None);
            if (!failure.MayTryNext)
                throw;

            run.Failures.Add(attempt.Target, failure);
            await GiveBackAsync(attempt);
            return null;
        }
        catch (Exception) when (probe)
        {
            await gate.LeaveAsync(attempt);
            throw;
        }
        finally
        {
            if (call is { } ended)
                waiting!.End(ended, isAnswered);
        }

        try
        {
            await gate.ReportSuccessAsync(attempt, probe, cancellationToken);
        }
        catch
        {
            if (opened is IAsyncDisposable answer)
                await answer.DisposeAsync();

            throw;
        }

        return new RoutedCall<T>(attempt.Target, attempt.Id, opened) { OperationId = operationId, Untried = run.Untried };
    }

    // Later targets of the same upstream go by the same reservation.
    private async ValueTask GiveBackAsync(RouteAttempt attempt)
    {
        if (!run.Untried.Any(later => later.Upstream == attempt.Target.Upstream))
            await gate.GiveBackAsync(attempt);
    }
}
