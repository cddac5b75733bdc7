using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Search.Stores;
using OrleansChat.Standalone.Search;

namespace OrleansChat.Bench.Search;

/// <summary>The second half of <see cref="SearchScale"/>: starts on a filled folder and answers queries.</summary>
internal static class SearchScaleServer
{
    public static async Task<int> RunAsync(string[] args)
    {
        var folder = args[0];
        var queries = Arguments.Number(args, "--queries", 0);
        var corpus = new ScaleCorpus(Arguments.Number(args, "--per-document", 8));

        var start = Stopwatch.GetTimestamp();
        var before = Environment.CpuUsage.TotalTime;
        var (journal, store) = await SearchScale.OpenAsync(folder);
        await using var closing = journal;
        await new PassageLoading(store, NullLogger<PassageLoading>.Instance).StartAsync(CancellationToken.None);
        Console.WriteLine($"cold start: {Stopwatch.GetElapsedTime(start).TotalSeconds:F2} s, {(Environment.CpuUsage.TotalTime - before).TotalSeconds:F1} s of processor time");
        PrintMemory("after the start");
        await MeasureAsync(store, corpus, SearchMode.Hybrid, queries);
        await MeasureAsync(store, corpus, SearchMode.Lexical, queries);
        await MeasureAsync(store, corpus, SearchMode.Dense, queries);
        PrintMemory("after the queries");
        await CompareAsync(store, corpus, SearchScale.ReadNearest(folder));
        return 0;
    }

    private static async Task MeasureAsync(InMemoryVectorStore store, ScaleCorpus corpus, SearchMode mode, int queries)
    {
        var times = new List<double>();
        var before = Environment.CpuUsage.TotalTime;
        for (var i = 0; i < queries; i++)
        {
            var (text, vector) = corpus.Query(i);
            var start = Stopwatch.GetTimestamp();
            await store.SearchAsync(SearchScale.Version, new PassageQuery { Mode = mode, Text = text, Vector = vector }, default);
            if (i >= queries / 10)
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        times.Sort();
        Console.WriteLine($"{mode,-8} median {times[times.Count / 2]:F1} ms, p95 {times[times.Count * 95 / 100]:F1} ms, max {times[^1]:F1} ms; {(Environment.CpuUsage.TotalTime - before).TotalMilliseconds / queries:F1} ms of processor time");
    }

    private static async Task CompareAsync(InMemoryVectorStore store, ScaleCorpus corpus, string[][] nearest)
    {
        var found = 0;
        for (var i = 0; i < nearest.Length; i++)
        {
            var query = new PassageQuery { Mode = SearchMode.Dense, Vector = corpus.Query(i).Vector, Limit = SearchScale.Neighbours };
            var hits = await store.SearchAsync(SearchScale.Version, query, default);
            found += hits.Select(hit => hit.Passage.ChunkId).Intersect(nearest[i]).Count();
        }

        Console.WriteLine($"recall@{SearchScale.Neighbours} of exact search: {(double)found / (nearest.Length * SearchScale.Neighbours):F4} over {nearest.Length} queries");
    }

    private static void PrintMemory(string when)
    {
        const string Status = "/proc/self/status";
        if (!File.Exists(Status))
        {
            Console.WriteLine($"resident {when}: {Environment.WorkingSet >> 20:N0} MiB");
            return;
        }

        var values = File.ReadLines(Status).Select(line => line.Split((char[])[':', '\t', ' '], StringSplitOptions.RemoveEmptyEntries))
            .Where(parts => parts is [_, _, "kB"]).ToDictionary(parts => parts[0], parts => long.Parse(parts[1], CultureInfo.InvariantCulture) >> 10);
        Console.WriteLine($"resident {when}: {values["VmRSS"]:N0} MiB, of which {values["RssAnon"]:N0} memory and {values["RssFile"]:N0} mapped files; highest {values["VmHWM"]:N0} MiB");
    }
}
