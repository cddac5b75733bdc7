using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Admission;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Search;
using OrleansChat.Core.Search.Collections;
using OrleansChat.Core.Search.Ingestion;
using OrleansChat.Core.Search.Metering;
using OrleansChat.Core.Search.Querying;
using OrleansChat.Core.Search.Stores;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Upstreams;
using OrleansChat.Standalone.Actors;
using OrleansChat.Standalone.Journal;
using OrleansChat.Standalone.Search;
using OrleansChat.Standalone.State;
using OrleansChat.Standalone.Tests.Journals;
using OrleansChat.Testing.Search;

namespace OrleansChat.Standalone.Tests.Search;

public sealed class CollectionsOverJournalTests
{
    [Fact]
    public async Task Search_AfterARestart_FindsTheSameAndEmbedsNothingAgain()
    {
        using var folder = new TemporaryFolder();
        var embedder = new ScriptedEmbedder();
        SourceDocument[] documents = [.. Enumerable.Range(0, 30).Select(i => new SourceDocument { Id = $"d{i}", Text = $"# Part {i}\n\nword{i} common text" })];
        IReadOnlyList<SearchHit> before = [];
        await RunAsync(folder, embedder, async services =>
        {
            await services.GetRequiredService<CollectionCatalog>().PutAsync("docs", "scripted/letters", null, default);
            var indexer = services.GetRequiredService<CollectionIndexer>();
            Assert.Equal(30, (await indexer.IndexAsync("docs", documents, SearchPayer.System, default)).Indexed);
            Assert.True(await indexer.DeleteAsync("docs", "d7", default));
            before = await FindAsync(services);
        });
        var embedded = embedder.Texts.Count;

        await RunAsync(folder, embedder, async services =>
        {
            Assert.Equal(29, Assert.Single(await services.GetRequiredService<CollectionCatalog>().ListAsync(default)).Documents);
            Assert.Equal(
                before.Select(hit => (hit.ChunkId, hit.Scores.Lexical, hit.Scores.Dense)).OrderBy(hit => hit.ChunkId, StringComparer.Ordinal),
                (await FindAsync(services)).Select(hit => (hit.ChunkId, hit.Scores.Lexical, hit.Scores.Dense)).OrderBy(hit => hit.ChunkId, StringComparer.Ordinal));
            var again = await services.GetRequiredService<CollectionIndexer>().IndexAsync("docs", documents, SearchPayer.System, default);
            Assert.Equal((1, 29), (again.Indexed, again.Unchanged));
        });

        // The second search's query and the document that had been deleted too: their vectors are in the cache that outlives the process.
        Assert.Equal(embedded, embedder.Texts.Count);
    }

    [Fact]
    public async Task Ingestion_OfOneDocumentFromManySides_LeavesOneWholeDocument()
    {
        using var folder = new TemporaryFolder();
        await RunAsync(folder, new ScriptedEmbedder(), async services =>
        {
            await services.GetRequiredService<CollectionCatalog>().PutAsync("docs", "scripted/letters", null, default);
            var indexer = services.GetRequiredService<CollectionIndexer>();
            await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => indexer.IndexAsync(
                "docs", [new SourceDocument { Id = "one", Kind = "markdown", Text = $"# A\ncommon {i}\n\n# B\ncommon {i}" }], SearchPayer.System, default))));
        });

        await RunAsync(folder, new ScriptedEmbedder(), async services =>
        {
            var hits = await FindAsync(services);
            Assert.Equal(2, hits.Count);
            Assert.Single(hits.Select(hit => hit.Text.Split(' ')[^1]).Distinct());
        });
    }

    private static async Task<IReadOnlyList<SearchHit>> FindAsync(IServiceProvider services) =>
        (await services.GetRequiredService<CollectionSearch>().SearchAsync(new SearchRequest { Collection = "docs", Query = "common text", Limit = 100 }, default)).Hits;

    private static async Task RunAsync(TemporaryFolder folder, ScriptedEmbedder embedder, Func<IServiceProvider, Task> test)
    {
        await using var journal = await Journals.Journals.OpenAsync(folder, options: new JournalOptions { DataDirectory = "" });
        var store = new InMemoryVectorStore(new JournalPassageLog(journal, JournalOptions.DefaultMaxValueBytes), LocalPassages.Options(new OrleansChatOptions { DataDirectory = folder.Path }));
        await store.LoadAsync(default);
        var services = new ServiceCollection()
            .AddSingleton<IVectorStore>(store)
            .AddSingleton<IUpstreams>(embedder)
            .AddSingleton(Options.Create(new OrleansChatOptions()))
            .AddLogging()
            .AddMetrics()
            .AddAdmission()
            .AddModelRouting()
            .AddSearch()
            .AddSingleton<IActorDirectory>(provider => new LocalActorDirectory(
                new JournalStateStore(journal), provider, TimeProvider.System, NullLogger<LocalActorDirectory>.Instance));
        await using var provider = services.BuildServiceProvider();
        await test(provider);
    }
}
