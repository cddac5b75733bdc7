using System.Runtime.CompilerServices;

namespace OrleansChat.GrainInterfaces.Directory;

/// <summary>
/// Reads a grain's stream under the actors' rule: it ends early, without an error, when its activation or its silo does. What breaks before
/// the first item is begun again.
/// </summary>
internal sealed class GrainEnumeration(CallRepetition calls)
{
    /// <summary>Items that one call brings at most.</summary>
    private const int BatchSize = 256;

    /// <summary>The items, to the stream's end or the activation's.</summary>
    public async IAsyncEnumerable<TItem> ReadAsync<TGrain, TArgument, TItem>(
        TGrain grain,
        Func<TGrain, TArgument, CancellationToken, IAsyncEnumerable<TItem>> items,
        TArgument argument,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var opened = await calls.RepeatAsync(
            grain, static (target, call, token) => OpenAsync(call.items(target, call.argument, token), token), (items, argument), cancellationToken);
        if (opened is null)
            yield break;

        using var watch = calls.Losses.Begin();
        Task<bool>? moving = null;
        try
        {
            do
            {
                yield return opened.Current;
                moving = opened.MoveNextAsync().AsTask();
            }
            while ((moving.IsCompleted || await Task.WhenAny(moving, watch.Lost) == moving) && await MoveAsync(moving, cancellationToken));
        }
        finally
        {
            // Nobody waits for it: the silo may be gone, and the call with it.
            _ = EndAsync(opened, moving);
        }
    }

    /// <summary>A reader at its first item; null when there is none.</summary>
    private static async ValueTask<IAsyncEnumerator<T>?> OpenAsync<T>(IAsyncEnumerable<T> items, CancellationToken cancellationToken)
    {
        var reader = items.WithBatchSize(BatchSize).GetAsyncEnumerator(cancellationToken);
        try
        {
            if (await reader.MoveNextAsync())
                return reader;
        }
        catch
        {
            _ = EndAsync(reader, null);
            throw;
        }

        _ = EndAsync(reader, null);
        return null;
    }

    private static async Task<bool> MoveAsync(Task<bool> moving, CancellationToken cancellationToken)
    {
        try
        {
            return await moving;
        }
        catch (Exception fault) when (ClusterFaults.IsTransient(fault, cancellationToken))
        {
            // The call was lost, or the grain's side was cancelled because its activation has ended.
            return false;
        }
    }

    private static async Task EndAsync<T>(IAsyncEnumerator<T> reader, Task<bool>? moving)
    {
        // Whoever read has gone on without its last call.
        if (moving is not null)
            await ((Task)moving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        try
        {
            await reader.DisposeAsync();
        }
        catch (Exception)
        {
            // There is nobody left to tell.
        }
    }
}
