using OrleansChat.Core.Errors;

namespace OrleansChat.GrainInterfaces.Directory;

/// <summary>
/// Calls a grain until it answers: a silo's death costs its callers a pause. Repeating is safe because every effect carries an operation id;
/// a call that carries none is repeated only where it is known to have had no effect.
/// </summary>
internal sealed class CallRepetition(TimeProvider time)
{
    /// <summary>How long a call is repeated: longer than a dead silo stays unnoticed.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(12);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    /// <summary>Calls a method whose repeat changes nothing.</summary>
    /// <exception cref="OrleansChatException">The cluster did not answer, or what the actor itself says.</exception>
    public async ValueTask<TResult> RepeatAsync<TGrain, TArgument, TResult>(
        TGrain grain, Func<TGrain, TArgument, CancellationToken, ValueTask<TResult>> method, TArgument argument, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var pause = FirstPause;
        for (var isFresh = false; ;)
        {
            try
            {
                return await method(grain, argument, cancellationToken);
            }
            catch (Exception fault) when (ClusterFaults.IsStale(fault) && !isFresh)
            {
                // The stale activation has ended itself; the next call makes a fresh one.
                isFresh = true;
            }
            catch (Exception fault) when (ClusterFaults.IsTransient(fault))
            {
                if (time.GetElapsedTime(began) >= Patience)
                    throw ClusterFaults.Unavailable(fault);

                await Task.Delay(pause, time, cancellationToken);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    /// <summary>Calls a method without a result, whose repeat changes nothing.</summary>
    /// <exception cref="OrleansChatException">The cluster did not answer, or what the actor itself says.</exception>
    public async ValueTask RepeatAsync<TGrain, TArgument>(
        TGrain grain, Func<TGrain, TArgument, CancellationToken, ValueTask> method, TArgument argument, CancellationToken cancellationToken) =>
        await RepeatAsync(
            grain,
            static async (target, call, token) =>
            {
                await call.method(target, call.argument, token);
                return true;
            },
            (method, argument),
            cancellationToken);

    /// <summary>Calls a method whose repeat would be a second effect: once more only where the first took none.</summary>
    /// <exception cref="OrleansChatException">The cluster did not answer, or what the actor itself says.</exception>
    public static async ValueTask<TResult> OnceAsync<TGrain, TArgument, TResult>(
        TGrain grain, Func<TGrain, TArgument, CancellationToken, ValueTask<TResult>> method, TArgument argument, CancellationToken cancellationToken)
    {
        try
        {
            try
            {
                return await method(grain, argument, cancellationToken);
            }
            catch (Exception fault) when (ClusterFaults.IsStale(fault))
            {
                return await method(grain, argument, cancellationToken);
            }
        }
        catch (Exception fault) when (ClusterFaults.IsTransient(fault))
        {
            throw ClusterFaults.Unavailable(fault);
        }
    }
}
