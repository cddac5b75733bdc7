using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Search.Passages;
using OrleansChat.Core.Search.Stores;
using OrleansChat.Providers.Builtin;
using OrleansChat.Standalone.Journal;
using OrleansChat.Standalone.Search;

namespace OrleansChat.Bench.Search;

/// <summary>Indexing with the built-in embedder over a journal on disk, and a cold start from it.</summary>
internal static class SearchLoad
{
    private const int Batch = 256;
    private static readonly CollectionVersion Version = new("bench", 1);

    public static async Task<int> RunAsync(string[] args)
    {
        var passages = Arguments.Number(args, "--passages", 100_000);
        var folder = Directory.CreateTempSubdirectory("orleanschat-bench-").FullName;
        try
        {
            await IndexAsync(folder, passages);
            await LoadAsync(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return 0;
    }

    private static async Task IndexAsync(string folder, int passages)
    {
        await using var journal = await OpenAsync(folder);
        var store = new InMemoryVectorStore(new JournalPassageLog(journal, JournalOptions.DefaultMaxValueBytes));
        await store.CreateAsync(Version, HashingEmbeddingOptions.DefaultDimensions, default);
        using var embedder = new HashingEmbeddingGenerator();
        var words = new ZipfWords(new Random(1), 200_000);
        var watch = new Stopwatch();
        for (var first = 0; first < passages; first += Batch)
        {
            string[] texts = [.. Enumerable.Range(0, Math.Min(Batch, passages - first)).Select(_ => words.Text(100))];
            watch.Start();
            await Parallel.ForAsync(0, texts.Length, async (i, cancellationToken) =>
            {
                var id = $"d{first + i}";
                var vector = (await embedder.GenerateAsync([texts[i]], cancellationToken: cancellationToken))[0].Vector;
                var passage = new IndexedPassage { DocumentId = id, Ordinal = 0, Text = texts[i], StartLine = 1, EndLine = 9 };
                await store.PutAsync(Version, new DocumentPassages(new StoredDocument(id, 1, id, 1), [new EmbeddedPassage(passage, vector)]), cancellationToken);
            });
            watch.Stop();
        }

        Console.WriteLine($"{passages:N0} documents of one passage embedded, written and indexed: {passages / watch.Elapsed.TotalSeconds:N0} a second");
    }

    private static async Task LoadAsync(string folder)
    {
        var start = Stopwatch.GetTimestamp();
        await using var journal = await OpenAsync(folder);
        var opened = Stopwatch.GetElapsedTime(start);
        var store = new InMemoryVectorStore(new JournalPassageLog(journal, JournalOptions.DefaultMaxValueBytes));
        var counts = await store.LoadAsync(default);
        Console.WriteLine($"cold start of {counts.Chunks:N0} passages: journal {opened.TotalSeconds:F2} s, in all {Stopwatch.GetElapsedTime(start).TotalSeconds:F2} s");
    }

    private static Task<Standalone.Journal.Journal> OpenAsync(string folder) => Standalone.Journal.Journal.OpenAsync(
        new JournalOptions { DataDirectory = folder }, TimeProvider.System, NullLogger<Standalone.Journal.Journal>.Instance, CancellationToken.None);
}
