using OrleansChat.Core.Search.Stores;
using OrleansChat.Testing.Search;

namespace OrleansChat.Core.Tests.Search.Collections.Model;

/// <summary>A log as one host sees it: what the host writes after its death neither happens nor returns.</summary>
/// <param name="log">What outlives the host.</param>
/// <param name="fate">The host's.</param>
internal sealed class MortalLog(MemoryPassageLog log, Fate fate) : IPassageLog
{
    private readonly Lock _gate = new();

    /// <inheritdoc/>
    public int MaxValueBytes => log.MaxValueBytes;

    /// <inheritdoc/>
    public ValueTask WriteAsync(string key, ReadOnlyMemory<byte> value) => new(RunAsync(() => log.WriteAsync(key, value).AsTask()));

    /// <inheritdoc/>
    public ValueTask DeleteAsync(string key) => new(RunAsync(() => log.DeleteAsync(key).AsTask()));

    /// <inheritdoc/>
    public IAsyncEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>> ReadAllAsync(string prefix, CancellationToken cancellationToken) =>
        log.ReadAllAsync(prefix, cancellationToken);

    // A failed write of a log has not taken place.
    private async Task RunAsync(Func<Task> write)
    {
        await Task.Yield();
        lock (_gate)
        {
            if (!fate.IsDead)
                fate.BeforeWrite(mayFailAfter: false);
            if (!fate.IsDead)
            {
                Assert.True(write().IsCompletedSuccessfully);
                fate.AfterWrite(mayFailAfter: false);
            }
        }

        if (fate.IsDead)
            await new TaskCompletionSource().Task;
    }
}
