using OrleansChat.Standalone.State;

namespace OrleansChat.Bench.Accuracy;

/// <summary>One process's access to the store: once the process is dead, it reads and writes nothing and never hears an answer.</summary>
/// <param name="store">The store.</param>
internal sealed class CuttableStore(IStateStore store) : IStateStore
{
    private readonly Lock _gate = new();
    private bool _cut;
    private bool _stalled;

    /// <summary>The process dies.</summary>
    public void Cut()
    {
        lock (_gate)
            _cut = true;
    }

    /// <summary>No write that begins from here on ends: the process dies before.</summary>
    public void Stall()
    {
        lock (_gate)
            _stalled = true;
    }

    public async ValueTask<StoredState?> ReadAsync(string key, CancellationToken cancellationToken)
    {
        await AliveAsync();
        return await HeardAsync(store.ReadAsync(key, cancellationToken));
    }

    public async ValueTask<long> WriteAsync(string key, ReadOnlyMemory<byte> value, long expectedVersion, CancellationToken cancellationToken)
    {
        await WritableAsync();
        return await HeardAsync(store.WriteAsync(key, value, expectedVersion, cancellationToken));
    }

    public async ValueTask DeleteAsync(string key, long expectedVersion, CancellationToken cancellationToken)
    {
        await WritableAsync();
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

    private Task WritableAsync()
    {
        lock (_gate)
            return _cut || _stalled ? new TaskCompletionSource().Task : Task.CompletedTask;
    }

    private Task AliveAsync()
    {
        lock (_gate)
            return _cut ? new TaskCompletionSource().Task : Task.CompletedTask;
    }
}
