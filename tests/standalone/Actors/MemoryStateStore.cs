using OrleansChat.Core.Errors;
using OrleansChat.Standalone.State;

namespace OrleansChat.Standalone.Tests.Actors;

/// <summary>States in memory, with versions as the journal has them.</summary>
internal sealed class MemoryStateStore : IStateStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, StoredState> _states = [];
    private long _version;

    public ValueTask<StoredState?> ReadAsync(string key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
            return ValueTask.FromResult(_states.TryGetValue(key, out var state) ? state : (StoredState?)null);
    }

    public ValueTask<long> WriteAsync(string key, ReadOnlyMemory<byte> value, long expectedVersion, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Check(key, expectedVersion);
            _states[key] = new StoredState(value.ToArray(), ++_version);
            return ValueTask.FromResult(_version);
        }
    }

    public ValueTask DeleteAsync(string key, long expectedVersion, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Check(key, expectedVersion);
            _states.Remove(key);
            return ValueTask.CompletedTask;
        }
    }

    private void Check(string key, long expectedVersion)
    {
        var version = _states.TryGetValue(key, out var state) ? state.Version : 0;
        if (version != expectedVersion)
            throw new StorageException($"'{key}' has version {version}, not {expectedVersion}.");
    }
}
