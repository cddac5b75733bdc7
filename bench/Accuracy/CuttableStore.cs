using OrleansChat.Standalone.State;

namespace OrleansChat.Bench.Accuracy;

/// <summary>One process's access to the store: once the process is dead, it reads and writes nothing and never hears an answer.</summary>
/// <param name="store">The store.</param>
internal sealed class CuttableStore(IStateStore store) : IStateStore
{
    private readonly Lock _gate = new();
    private bool _cut;

    /// <summary>The process dies.</summary>
    public void Cut()
    {
        lock (_gate)
            _cut = true;
    }

    public async ValueTask<StoredState?> ReadAsync(string key, CancellationToken cancellationToken)
    {
        await AliveAsync();
        return await HeardAsync(store.ReadAsync(key, cancellationToken));
    }

    public async ValueTask<long> WriteAsync(string key, ReadOnlyMemory<byte> value, long expectedVersion, CancellationToken cancellationToken)
    {
        await AliveAsync();
        return await HeardAsync(store.WriteAsync(key, value, expectedVersion, cancellationToken));
    }

    public async ValueTask DeleteAsync(string key, long expectedVersion, CancellationToken cancellationToken)
    {
        await AliveAsync();
        await store.DeleteAsync(key, expectedVersion, cancellationToken);
        await AliveAsync();
    }

    private async ValueTask<T> HeardAsync<T>(ValueTask<T> call)
    {
        try
        {
            return await call;
        }
        finally
        {
            await AliveAsync();
        }
    }

    private Task AliveAsync()
    {
        lock (_gate)
            return _cut ? new TaskCompletionSource().Task : Task.CompletedTask;
    }
}
