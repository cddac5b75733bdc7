using OrleansChat.Core.Errors;
using OrleansChat.Standalone.State;

namespace OrleansChat.Contract.Tests.Local;

/// <summary>A disk that outlives the processes that write to it.</summary>
internal sealed class DurableMemory
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, StoredState> _states = new(StringComparer.Ordinal);
    private long _version;

    /// <summary>Gives a new process access.</summary>
    public Connection Connect() => new(this);

    /// <summary>One process's access.</summary>
    internal sealed class Connection(DurableMemory memory) : IStateStore
    {
        private bool _cut;

        /// <summary>The process dies: from now on it reads and writes nothing, and never hears an answer.</summary>
        public void Cut()
        {
            lock (memory._gate)
                _cut = true;
        }

        public async ValueTask<StoredState?> ReadAsync(string key, CancellationToken cancellationToken)
        {
            Task? dead;
            lock (memory._gate)
            {
                dead = DeadProcess();
                if (dead is null)
                    return memory._states.TryGetValue(key, out var state) ? state : null;
            }

            await dead;
            return null;
        }

        public async ValueTask<long> WriteAsync(string key, ReadOnlyMemory<byte> value, long expectedVersion, CancellationToken cancellationToken)
        {
            // Never at once, as no disk does.
            await Task.Yield();
            Task? dead;
            lock (memory._gate)
            {
                dead = DeadProcess();
                if (dead is null)
                {
                    Check(key, expectedVersion);
                    memory._states[key] = new StoredState(value.ToArray(), ++memory._version);
                    return memory._version;
                }
            }

            await dead;
            return 0;
        }

        public async ValueTask DeleteAsync(string key, long expectedVersion, CancellationToken cancellationToken)
        {
            Task? dead;
            lock (memory._gate)
            {
                dead = DeadProcess();
                if (dead is null)
                {
                    Check(key, expectedVersion);
                    memory._states.Remove(key);
                }
            }

            if (dead is not null)
                await dead;
        }

        private Task? DeadProcess() => _cut ? new TaskCompletionSource().Task : null;

        private void Check(string key, long expectedVersion)
        {
            var version = memory._states.TryGetValue(key, out var state) ? state.Version : 0;
            if (version != expectedVersion)
                throw new StorageException($"'{key}' has version {version}, not {expectedVersion}.");
        }
    }
}
