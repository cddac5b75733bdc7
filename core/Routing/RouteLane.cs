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
    /// <summary>The upstreams whose limits count this operation; null while none does.</summary>
    private List<string>? _reserved;

    private RouteAttempt? _asked;

    /// <summary>The operation.</summary>
    public string OperationId => operationId;

    /// <summary>Gives the call up.</summary>
    /// <returns>The target that can have had the prompt and has not said that it failed; null for none. What had not gone out never will.</returns>
    public UpstreamTarget? Leave() => _asked?.Prompt.TryWithdraw() is false ? _asked.Target : null;

    /// <summary>Asks targets until one opens.</summary>
    /// <param name="cancellationToken">Stops at once, and is nobody's failure.</param>
    /// <returns>The open call; null when no target is left.</returns>
    /// <exception cref="UpstreamException">The caller's own mistake as a target found it.</exception>
    public async ValueTask<RoutedCall<T>?> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var call = await WalkAsync(cancellationToken);
            await GiveBackAllAsync(call?.Target.Upstream);
            return call;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The prompt may have been on its way: whoever asked settles that upstream.
            await GiveBackAllAsync(Leave()?.Upstream);
            throw;
        }
        catch
        {
            await GiveBackAllAsync(null);
            throw;
        }
    }

    private async ValueTask<RoutedCall<T>?> WalkAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            // For a caller who has left no further target is asked.
            cancellationToken.ThrowIfCancellationRequested();
            if (run.Next(operationId) is not { } attempt)
                return null;

            var upstream = attempt.Target.Upstream;
            if (await gate.EnterAsync(attempt, run.Request, run.Failures, cancellationToken) is { } probe)
            {
                Reserve(upstream);
                if (await AskAsync(attempt, probe, cancellationToken) is { } call)
                    return call;
            }

            // Later targets of the same upstream go by the same reservation.
            if (_reserved is not null && !run.Untried.Any(later => later.Upstream == upstream) && _reserved.Remove(upstream))
                await GiveBackAsync(upstream);
        }
    }

    private async ValueTask<RoutedCall<T>?> AskAsync(RouteAttempt attempt, bool probe, CancellationToken cancellationToken)
    {
        var waiting = places?.Of(attempt.Target);
        var call = waiting?.TryBegin();
        if (waiting is not null && call is null && !probe)
        {
            places!.CountRefusal(attempt.Target);
            run.Failures.AddSlow(attempt.Target);
            return null;
        }

        T opened;
        var isAnswered = false;
        try
        {
            _asked = attempt;
            opened = await open(attempt, cancellationToken);
            isAnswered = true;
        }
        catch (UpstreamException failure)
        {
            // Not the caller's token: the breaker and the limits shall hear of it even if he has left.
            _asked = null;
            await gate.ReportFailureAsync(attempt.Target.Upstream, attempt.Id, failure, CancellationToken.None);

            // A request at fault is on the list too: where a second call of a hedged one finds it, nothing else says so.
            run.Failures.Add(attempt.Target, failure);
            if (!failure.MayTryNext)
                throw;

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

    private void Reserve(string upstream)
    {
        if (gate.IsLimited(upstream) && !(_reserved ??= []).Contains(upstream))
            _reserved.Add(upstream);
    }

    /// <summary>Gives back what is left when the walk has ended, but for one upstream's.</summary>
    private async ValueTask GiveBackAllAsync(string? butOf)
    {
        foreach (var upstream in _reserved ?? [])
        {
            if (upstream != butOf)
                await GiveBackAsync(upstream);
        }
    }

    private async ValueTask GiveBackAsync(string upstream)
    {
        try
        {
            await gate.GiveBackAsync(upstream, operationId);
        }
        catch (OrleansChatException)
        {
            // How the walk goes on or ends counts for more; the reservation runs out with its lease.
        }
    }
}
