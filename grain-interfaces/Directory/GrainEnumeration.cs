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

        try
        {
            do
                yield return opened.Current;
            while (await MoveAsync(opened, cancellationToken));
        }
        finally
        {
            await EndAsync(opened);
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
        catch (OperationCanceledException fault) when (!cancellationToken.IsCancellationRequested)
        {
            await EndAsync(reader);
            throw new EnumerationAbortedException("The activation ended before its stream began.", fault);
        }
        catch
        {
            await EndAsync(reader);
            throw;
        }

        await EndAsync(reader);
        return null;
    }

    private static async ValueTask<bool> MoveAsync<T>(IAsyncEnumerator<T> reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.MoveNextAsync();
        }
        catch (Exception fault) when (ClusterFaults.IsTransient(fault))
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The grain's side was cancelled: its activation has ended.
            return false;
        }
    }

    private static async ValueTask EndAsync<T>(IAsyncEnumerator<T> reader)
    {
        try
        {
            await reader.DisposeAsync();
        }
        catch (Exception fault) when (ClusterFaults.IsTransient(fault) || fault is OperationCanceledException or ObjectDisposedException)
        {
            // There is nobody left to tell.
        }
    }
}
