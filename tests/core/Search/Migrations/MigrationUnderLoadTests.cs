using System.Collections.Concurrent;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Search;
using OrleansChat.Core.Search.Querying;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.Search.Migrations;

/// <summary>Migrations there and back while writers write, the process crashes at random points, and every query has to be answered.</summary>
public sealed class MigrationUnderLoadTests(ITestOutputHelper output)
{
    private const int Runs = 12;
    private const int Documents = 24;

    [Fact]
    public async Task Migration_UnderWritesAndCrashes_LosesNothingAndFailsNoQuery()
    {
        var random = Seed.Print(output);
        for (var run = 0; run < Runs; run++)
            await RunAsync(new Random(random.Next()));
    }

    private static async Task RunAsync(Random random)
    {
        var bench = new SearchBench();
        bench.Embedder.OtherModels = new Dictionary<string, int> { ["wide"] = 31 };
        await bench.CreateAsync();
        var expected = new ConcurrentDictionary<int, string?>();
        for (var i = 0; i < Documents; i++)
        {
            await bench.IndexAsync(MigrationTests.Document(i, "first"));
            expected[i] = "first";
        }

        var id = (await bench.Migrations.StartAsync("docs", "scripted/wide", default)).Id;
        await WorkThroughAsync(bench, expected, id, MigrationStatus.Completed, random);
        await bench.Migrations.CommandAsync("docs", id, MigrationCommand.Rollback, default);
        await WorkThroughAsync(bench, expected, id, MigrationStatus.RolledBack, random);

        var alive = expected.Count(document => document.Value is not null);
        Assert.Equal(alive, (await bench.Catalog.GetAsync("docs", default)).Documents);
        foreach (var (i, state) in expected)
        {
            var found = (await bench.FindAsync(MigrationTests.Document(i, "any").Text)).Where(hit => hit.DocumentId == $"d{i}").ToList();
            Assert.Equal(state is null ? [] : [MigrationTests.Document(i, state).Text], found.Select(hit => hit.Text));
        }
    }

    private static async Task WorkThroughAsync(
        SearchBench bench, ConcurrentDictionary<int, string?> expected, string id, MigrationStatus end, Random random)
    {
        for (var round = 0; (await bench.Migrations.GetAsync("docs", id, default)).Status != end; round++)
        {
            Assert.True(round < 500, "The migration never came to its end.");
            var crashAfter = random.Next(0, 40);
            bench.Log.BeforeWrite = async _ =>
            {
                await Task.Yield();
                if (Interlocked.Decrement(ref crashAfter) == 0)
                    throw new StorageException("The process died.", null);
            };
            var migrating = TryAsync(() => bench.Runner.RunAsync("docs", default));
            var seed = random.Next();
            var writing = Task.Run(() => WriteAsync(bench, expected, round, new Random(seed)));
            var asking = Task.Run(() => AskAsync(bench, () => migrating.IsCompleted));
            await Task.WhenAll(migrating, writing, asking);
            bench.Log.BeforeWrite = null;
            if (random.Next(2) == 0)
                await bench.RestartAsync();
        }
    }

    // What a writer was not told of, it sends again until it is, as clients do.
    private static async Task WriteAsync(SearchBench bench, ConcurrentDictionary<int, string?> expected, int round, Random random)
    {
        for (var write = 0; write < 6; write++)
        {
            var i = random.Next(Documents);
            var state = random.Next(4) == 0 ? null : $"round{round}w{write}";
            while (!await TryAsync(() => state is null
                ? bench.Indexer.DeleteAsync("docs", $"d{i}", default)
                : bench.IndexAsync(MigrationTests.Document(i, state))))
            {
                await Task.Yield();
            }

            expected[i] = state;
        }
    }

    private static async Task AskAsync(SearchBench bench, Func<bool> isOver)
    {
        do
        {
            var answer = await bench.Search.SearchAsync(new SearchRequest { Collection = "docs", Query = "number", Limit = 100 }, default);
            Assert.False(answer.Degraded);

            // One version holds each document once.
            Assert.Equal(answer.Hits.Count, answer.Hits.Select(hit => hit.DocumentId).Distinct().Count());
            await Task.Yield();
        }
        while (!isOver());
    }

    private static async Task<bool> TryAsync(Func<Task> work)
    {
        try
        {
            await work();
            return true;
        }
        catch (StorageException)
        {
            return false;
        }
    }
}
