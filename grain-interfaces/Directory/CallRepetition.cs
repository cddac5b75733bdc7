using OrleansChat.Core.Errors;
using OrleansChat.GrainInterfaces.Sessions;

namespace OrleansChat.GrainInterfaces.Directory;

/// <summary>
/// Calls a grain until it answers: a silo's death costs its callers a pause. Repeating is safe because every effect carries an operation id;
/// a call that carries none is repeated only where it is known to have had no effect. What it fails with is always the product's own.
/// </summary>
internal sealed class CallRepetition(TimeProvider time, ConnectionLoss losses)
{
    /// <summary>How long a call is repeated: longer than a dead silo stays unnoticed.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(12);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(200);

    /// <summary>The losses of connections that end a read early.</summary>
    public ConnectionLoss Losses => losses;

    /// <summary>Calls a method whose repeat changes nothing.</summary>
    /// <exception cref="OrleansChatException">The cluster did not answer, or what the actor itself says.</exception>
    public ValueTask<TResult> RepeatAsync<TGrain, TArgument, TResult>(
        TGrain grain, Func<TGrain, TArgument, CancellationToken, ValueTask<TResult>> method, TArgument argument, CancellationToken cancellationToken) =>
        CallAsync(grain, method, argument, mayRepeat: true, cancellationToken);

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
    public ValueTask<TResult> OnceAsync<TGrain, TArgument, TResult>(
        TGrain grain, Func<TGrain, TArgument, CancellationToken, ValueTask<TResult>> method, TArgument argument, CancellationToken cancellationToken) =>
        CallAsync(grain, method, argument, mayRepeat: false, cancellationToken);

    private async ValueTask<TResult> CallAsync<TGrain, TArgument, TResult>(
        TGrain grain,
        Func<TGrain, TArgument, CancellationToken, ValueTask<TResult>> method,
        TArgument argument,
        bool mayRepeat,
        CancellationToken cancellationToken)
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
            catch (Exception fault) when (MayRepeat(fault, mayRepeat, cancellationToken) && time.GetElapsedTime(began) < Patience)
            {
                await Task.Delay(pause, time, cancellationToken);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
            catch (Exception fault) when (!IsOwn(fault, cancellationToken))
            {
                throw ClusterFaults.Translate(fault);
            }
        }
    }

    // A draining silo has done nothing.
    private static bool MayRepeat(Exception fault, bool mayRepeat, CancellationToken cancellationToken) =>
        fault is SiloDrainingException || (mayRepeat && ClusterFaults.IsTransient(fault, cancellationToken));

    private static bool IsOwn(Exception fault, CancellationToken cancellationToken) =>
        fault is OrleansChatException || (fault is OperationCanceledException && cancellationToken.IsCancellationRequested);
}
