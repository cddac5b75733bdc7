namespace OrleansChat.Core.Routing;

/// <summary>
/// Two operations on one route: the second sets out when the first has no token after a while. Whichever opens first is the answer; the other is
/// stopped and settled, and nothing of it is ever shown.
/// </summary>
/// <typeparam name="T">What an open call is to the caller.</typeparam>
/// <param name="run">The walk along the route.</param>
/// <param name="laneOf">Makes an operation's lane.</param>
/// <param name="hedge">Pays for the second call.</param>
/// <param name="time">The source of time.</param>
internal sealed class HedgedRoute<T>(RouteRun run, Func<string, RouteLane<T>> laneOf, IHedge<T> hedge, TimeProvider time)
{
    private RouteLane<T>? _second;

    /// <summary>Opens the route.</summary>
    /// <param name="after">How long the first has alone.</param>
    /// <param name="cancellationToken">Stops both.</param>
    /// <returns>The open call; null when no target is left.</returns>
    public async ValueTask<RoutedCall<T>?> RunAsync(TimeSpan after, CancellationToken cancellationToken)
    {
        var first = laneOf(run.Request.OperationId);
        using var stopFirst = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var stopSecond = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var one = first.RunAsync(stopFirst.Token).AsTask();
        if (await IsDoneAsync(one, after) || run.Untried.Count == 0)
            return await one;

        var two = SecondAsync(stopSecond.Token);
        if (await Task.WhenAny(one, two) == two && await two is null)
            return await LastAsync(one, cancellationToken);

        if (one.IsCompleted && (!one.IsCompletedSuccessfully || await one is not null))
        {
            // The first is decided, for good or by a fault of the caller's; the second is not needed.
            await stopSecond.CancelAsync();
            var settling = SettleSecondAsync(two);
            if (one.IsCompletedSuccessfully)
                return (await one)! with { Losing = settling };

            await settling;
            return await one;
        }

        // The first has tried all that was left to it, or is slower: the second is the answer, if it is one.
        if (await two is not { } call)
            return await LastAsync(one, cancellationToken);

        await stopFirst.CancelAsync();
        return call with { Losing = SettleAsync(first, one) };
    }

    /// <summary>What the first call comes to, which has no other beside it any more. Where none of the two has opened for a caller who has left, that is nobody's failure.</summary>
    private static async ValueTask<RoutedCall<T>?> LastAsync(Task<RoutedCall<T>?> first, CancellationToken cancellationToken)
    {
        var call = await first;
        if (call is null)
            cancellationToken.ThrowIfCancellationRequested();
        return call;
    }

    private async Task<bool> IsDoneAsync(Task call, TimeSpan after)
    {
        using var stop = new CancellationTokenSource();
        var alarm = Task.Delay(after, time, stop.Token);
        var done = await Task.WhenAny(call, alarm) == call;
        await stop.CancelAsync();
        return done;
    }

    /// <summary>The second call; null where it was refused or found no answer. It never fails: what went wrong with it is settled here.</summary>
    private async Task<RoutedCall<T>?> SecondAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await hedge.AdmitAsync(cancellationToken) is not { } operationId)
                return null;

            _second = laneOf(operationId);
            if (await _second.RunAsync(cancellationToken) is { } call)
                return call;
        }
        catch (Exception)
        {
            // The first goes on alone, and whatever is wrong with the request or this server it will meet itself.
        }

        if (_second is { } second)
            await hedge.LostAsync(new LostCall<T>(second.OperationId, second.Leave(), default));

        return null;
    }

    private async Task SettleSecondAsync(Task<RoutedCall<T>?> call)
    {
        // Null: it has settled itself.
        if (await call is { } opened)
            await LoseAsync(opened);
    }

    private async Task SettleAsync(RouteLane<T> lane, Task<RoutedCall<T>?> call)
    {
        await ((Task)call).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (call.IsCompletedSuccessfully && await call is { } opened)
            await LoseAsync(opened);
        else
            await hedge.LostAsync(new LostCall<T>(lane.OperationId, lane.Leave(), default));
    }

    private async ValueTask LoseAsync(RoutedCall<T> call)
    {
        if (call.Value is IAsyncDisposable open)
            await open.DisposeAsync();

        await hedge.LostAsync(new LostCall<T>(call.OperationId, call.Target, call.Value));
    }
}
