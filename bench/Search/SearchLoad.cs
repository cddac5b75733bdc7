using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Bench.Hosting;
using OrleansChat.Core.Search.Collections;
using OrleansChat.Core.Search.Ingestion;
using OrleansChat.Core.Search.Metering;
using OrleansChat.Core.Search.Stores;
using OrleansChat.Core.Settings;
using OrleansChat.Standalone.Journal;
using OrleansChat.Standalone.Search;

namespace OrleansChat.Bench.Search;

/// <summary>Indexing with the built-in embedder over a journal on disk, as a client's uploads are indexed, and a cold start from it.</summary>
internal static class SearchLoad
{
    private const int Documents = 1_000;
    private const int WordsInPassage = 100;
    private const string Collection = "bench";

    public static async Task<int> RunAsync(string[] args)
    {
        var passages = Arguments.Number(args, "--passages", 100_000);
        var perDocument = Arguments.Number(args, "--per-document", 1);
        await using var host = await BenchHost.StartAsync(new OrleansChatOptions());
        await IndexAsync(host, passages, perDocument);
        await host.CloseAsync();
        await LoadAsync(host.Folder);
        return 0;
    }

    private static async Task IndexAsync(BenchHost host, int passages, int perDocument)
    {
        await host.Get<CollectionCatalog>().PutAsync(Collection, null, null, default);
        var indexer = host.Get<CollectionIndexer>();
        var words = new ZipfWords(new Random(1), 200_000);
        var (watch, chunks, processor) = (new Stopwatch(), 0, TimeSpan.Zero);
        for (var first = 0; chunks < passages; first += Documents)
        {
            // A passage has about 256 tokens; this many paragraphs of numbered words are one each.
            SourceDocument[] documents = [.. Enumerable.Range(first, Documents).Select(i => new SourceDocument
            {
                Id = $"d{i}",
                Text = string.Join("\n\n", Enumerable.Range(0, perDocument).Select(_ => words.Text(WordsInPassage))),
            })];
            var before = Environment.CpuUsage.TotalTime;
            watch.Start();
            chunks += (await indexer.IndexAsync(Collection, documents, SearchPayer.System, default)).Chunks;
            watch.Stop();
            processor += Environment.CpuUsage.TotalTime - before;
        }

        Console.WriteLine($"{chunks:N0} passages cut, embedded, written and indexed: {chunks / watch.Elapsed.TotalSeconds:N0} a second, {processor.TotalMicroseconds / chunks:N0} µs of processor time each");
    }

    private static async Task LoadAsync(string folder)
    {
        var start = Stopwatch.GetTimestamp();
        var before = Environment.CpuUsage.TotalTime;
        await using var journal = await Standalone.Journal.Journal.OpenAsync(
            new JournalOptions { DataDirectory = folder }, TimeProvider.System, NullLogger<Standalone.Journal.Journal>.Instance, CancellationToken.None);
        var opened = Stopwatch.GetElapsedTime(start);
        var store = new InMemoryVectorStore(
            new JournalPassageLog(journal, JournalOptions.DefaultMaxValueBytes), LocalPassages.Options(new OrleansChatOptions { DataDirectory = folder }));
        var counts = await store.LoadAsync(default);
        Console.WriteLine($"cold start of {counts.Chunks:N0} passages: journal {opened.TotalSeconds:F2} s, in all {Stopwatch.GetElapsedTime(start).TotalSeconds:F2} s, {(Environment.CpuUsage.TotalTime - before).TotalSeconds:F1} s of processor time");
    }
}
