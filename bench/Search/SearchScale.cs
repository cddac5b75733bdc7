using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Search.Stores;
using OrleansChat.Core.Settings;
using OrleansChat.Standalone.Journal;
using OrleansChat.Standalone.Search;

namespace OrleansChat.Bench.Search;

/// <summary>
/// Fills a data folder with passages, then serves it from a process of its own with the executable's garbage collector: the time of a cold start, resident
/// memory before and after the queries, the times of hybrid queries, and how many of the ten nearest passages the scan of bytes finds.
/// </summary>
internal static class SearchScale
{
    /// <summary>The version that is filled and searched.</summary>
    public static CollectionVersion Version { get; } = new("scale", 1);

    /// <summary>How many nearest passages are looked for.</summary>
    public const int Neighbours = 10;

    private const int BatchDocuments = 128;
    private const string Truth = "nearest.txt";

    public static async Task<int> RunAsync(string[] args)
    {
        var passages = Arguments.Number(args, "--passages", 1_000_000);
        var perDocument = Arguments.Number(args, "--per-document", 8);
        var queries = Arguments.Number(args, "--queries", 300);
        var folder = Directory.CreateTempSubdirectory("orleanschat-bench-").FullName;
        try
        {
            await FillAsync(folder, new ScaleCorpus(perDocument), passages / perDocument, perDocument, queries);
            return await ServeAsync(folder, perDocument, queries);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The journal and the store of a folder.</summary>
    public static async Task<(Standalone.Journal.Journal Journal, InMemoryVectorStore Store)> OpenAsync(string folder)
    {
        var journal = await Standalone.Journal.Journal.OpenAsync(
            new JournalOptions { DataDirectory = folder }, TimeProvider.System, NullLogger<Standalone.Journal.Journal>.Instance, CancellationToken.None);
        return (journal, new InMemoryVectorStore(
            new JournalPassageLog(journal, JournalOptions.DefaultMaxValueBytes), LocalPassages.Options(new OrleansChatOptions { DataDirectory = folder })));
    }

    /// <summary>The nearest passages of each query.</summary>
    public static string[][] ReadNearest(string folder) => [.. File.ReadLines(Path.Combine(folder, Truth)).Select(line => line.Split(' '))];

    private static async Task FillAsync(string folder, ScaleCorpus corpus, int documents, int perDocument, int queries)
    {
        var (journal, store) = await OpenAsync(folder);
        await using var closing = journal;
        await store.CreateAsync(Version, ScaleCorpus.Dimension, default);
        var exact = new ExactNeighbours([.. Enumerable.Range(0, queries).Select(query => corpus.Query(query).Vector)], Neighbours);
        var watch = new Stopwatch();
        for (var first = 0; first < documents; first += BatchDocuments)
        {
            var batch = new DocumentPassages[Math.Min(BatchDocuments, documents - first)];
            Parallel.For(0, batch.Length, i => batch[i] = corpus.Document(first + i));
            exact.Add(batch);
            watch.Start();
            await Task.WhenAll(batch.Select(document => store.PutAsync(Version, document, default).AsTask()));
            watch.Stop();
        }

        await File.WriteAllLinesAsync(Path.Combine(folder, Truth), exact.Lines());
        var passages = documents * perDocument;
        Console.WriteLine($"{passages:N0} passages of {ScaleCorpus.Dimension} dimensions in {documents:N0} documents, written and indexed at {passages / watch.Elapsed.TotalSeconds:N0} a second");
    }

    private static async Task<int> ServeAsync(string folder, int perDocument, int queries)
    {
        var start = new ProcessStartInfo("dotnet");
        foreach (var argument in (string[])[Path.Combine(AppContext.BaseDirectory, "OrleansChat.Bench.dll"), "search-scale-serve", folder, "--per-document", $"{perDocument}", "--queries", $"{queries}"])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
