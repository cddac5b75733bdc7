using System.Collections.Concurrent;

namespace OrleansChat.GrainInterfaces.Directory;

/// <summary>
/// Tells readers of streams that a client's connection to a silo is gone. A call in flight to a dead silo fails only when its time is over; a reader
/// is quicker, because it may begin anew after what it has at any moment.
/// </summary>
public sealed class ConnectionLoss : IClusterConnectionStatusObserver
{
    private readonly ConcurrentDictionary<TaskCompletionSource, bool> _readers = new();

    /// <inheritdoc/>
    public void NotifyGatewayCountChanged(int currentNumberOfGateways, int previousNumberOfGateways, bool connectionRecovered)
    {
        if (currentNumberOfGateways >= previousNumberOfGateways)
            return;

        foreach (var reader in _readers.Keys)
            reader.TrySetResult();
    }

    /// <inheritdoc/>
    public void NotifyClusterConnectionLost()
    {
    }

    /// <summary>Begins to watch; the task completes at the next loss.</summary>
    internal Watch Begin() => new(this);

    /// <summary>One reader's watch.</summary>
    internal sealed class Watch : IDisposable
    {
        private readonly ConnectionLoss _losses;
        private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Watch(ConnectionLoss losses)
        {
            _losses = losses;
            losses._readers.TryAdd(_lost, true);
        }

        /// <summary>Completes at the first loss.</summary>
        public Task Lost => _lost.Task;

        public void Dispose() => _losses._readers.TryRemove(_lost, out _);
    }
}
