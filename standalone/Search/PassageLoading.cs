using System.Diagnostics;
using OrleansChat.Core.Search.Stores;

namespace OrleansChat.Standalone.Search;

/// <summary>Reads all collections into memory before the server answers; nothing is embedded again.</summary>
internal sealed partial class PassageLoading(InMemoryVectorStore store, ILogger<PassageLoading> logger) : IHostedService
{
    private const int Many = 10_000;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var counts = await store.LoadAsync(cancellationToken);

        // Reading leaves several times as much behind as is kept, which would count as this process' for as long as nobody else needs it.
        if (counts.Chunks >= Many)
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        LogLoaded(counts.Documents, counts.Chunks, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(1, LogLevel.Information, "Search holds {Documents} documents with {Chunks} chunks, read in {Seconds:F1} s.")]
    private partial void LogLoaded(long documents, long chunks, double seconds);
}
