using System.Diagnostics;
using OrleansChat.Core.Search.Stores;

namespace OrleansChat.Standalone.Search;

/// <summary>Reads all collections into memory before the server answers; nothing is embedded again.</summary>
internal sealed partial class PassageLoading(InMemoryVectorStore store, ILogger<PassageLoading> logger) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var counts = await store.LoadAsync(cancellationToken);
        LogLoaded(counts.Documents, counts.Chunks, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(1, LogLevel.Information, "Search holds {Documents} documents with {Chunks} chunks, read in {Seconds:F1} s.")]
    private partial void LogLoaded(long documents, long chunks, double seconds);
}
