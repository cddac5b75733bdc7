using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Search.Passages;
using OrleansChat.Core.Search.Stores;
using OrleansChat.Testing;
using OrleansChat.Testing.Search;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.Search.Stores;

public sealed class InMemoryVectorStoreTests(ITestOutputHelper output)
{
    private static readonly CollectionVersion Docs = new("docs", 1);

    [Fact]
    public async Task PutAsync_OfALowerRevision_ChangesNothing()
    {
        var store = await CreateAsync(new MemoryPassageLog());
        Assert.True(await PutAsync(store, "a", revision: 5, "five"));
        Assert.False(await PutAsync(store, "a", revision: 4, "four"));
        Assert.Equal(["five"], await TextsAsync(store));
        Assert.Equal(5, (await store.FindAsync(Docs, ["a", "b"], default))["a"].Revision);
    }

    [Fact]
    public async Task PutAsync_AfterALaterDeletion_ChangesNothing()
    {
        var store = await CreateAsync(new MemoryPassageLog());
        Assert.True(await PutAsync(store, "a", revision: 1, "one"));
        Assert.True(await store.DeleteAsync(Docs, "a", 3, default));
        Assert.False(await PutAsync(store, "a", revision: 2, "two"));
        Assert.Empty(await TextsAsync(store));
        Assert.False(await store.DeleteAsync(Docs, "a", 4, default));
        Assert.True(await PutAsync(store, "a", revision: 5, "five"));
    }

    [Fact]
    public async Task PutAsync_BeforeItIsDurable_IsNotSeen()
    {
        var log = new MemoryPassageLog();
        var store = await CreateAsync(log);
        await PutAsync(store, "a", revision: 1, "old");
        var held = new TaskCompletionSource();
        log.BeforeWrite = _ => held.Task;

        var put = PutAsync(store, "a", revision: 2, "new");
        Assert.Equal(["old"], await TextsAsync(store));
        held.SetResult();
        Assert.True(await put);
        Assert.Equal(["new"], await TextsAsync(store));
    }

    [Fact]
    public async Task PutAsync_ThatCannotBeWritten_FailsAndLeavesTheOldDocument()
    {
        var log = new MemoryPassageLog();
        var store = await CreateAsync(log);
        await PutAsync(store, "a", revision: 1, "old");
        log.BeforeWrite = _ => throw new StorageException("The disk is full.");
        await Assert.ThrowsAsync<StorageException>(() => PutAsync(store, "a", revision: 2, "new"));
        Assert.Equal(["old"], await TextsAsync(store));
    }

    [Fact]
    public async Task PutAsync_OfWhatDoesNotFit_IsRefusedAndLeavesTheOldDocument()
    {
        var log = new MemoryPassageLog { MaxValueBytes = 4096 };
        var store = await CreateAsync(log);
        await PutAsync(store, "a", revision: 1, "old");

        await Assert.ThrowsAsync<RequestException>(() => PutAsync(store, "a", 2, "new", 1, 2, 3));
        await Assert.ThrowsAsync<RequestException>(() => PutAsync(store, "a", 2, "new", 1, float.PositiveInfinity));
        var large = await Assert.ThrowsAsync<RequestException>(() => PutAsync(store, "a", 2, new string('x', 5000)));

        Assert.Equal(ProblemCode.TooLarge.Name, large.Problem.Code);
        Assert.Equal(["old"], await TextsAsync(store));
    }

    [Fact]
    public async Task LoadAsync_AfterRandomChanges_GivesTheSameDocumentsAndScores()
    {
        var random = Seed.Print(output);
        var log = new MemoryPassageLog();
        var store = await CreateAsync(log);
        for (var revision = 1; revision <= 300; revision++)
        {
            var id = $"d/{random.Next(40)} ü🚀";
            if (random.Next(4) == 0)
                await store.DeleteAsync(Docs, id, revision, default);
            else
                await PutAsync(store, id, revision, $"w{random.Next(9)} w{random.Next(9)}", random.NextSingle(), random.NextSingle());
        }

        var restarted = new InMemoryVectorStore(log);
        Assert.Equal(await store.CountAsync(Docs, default), await restarted.LoadAsync(default));
        var query = new PassageQuery { Text = "w1 w2", Vector = new float[] { 1, 2 }, Limit = 100 };
        var (before, after) = (await store.SearchAsync(Docs, query with { Mode = SearchMode.Dense }, default), await restarted.SearchAsync(Docs, query with { Mode = SearchMode.Dense }, default));
        Assert.Equal(Scores(before), Scores(after));
        (before, after) = (await store.SearchAsync(Docs, query with { Mode = SearchMode.Lexical }, default), await restarted.SearchAsync(Docs, query with { Mode = SearchMode.Lexical }, default));
        Assert.Equal(Scores(before), Scores(after));
    }

    [Fact]
    public async Task LoadAsync_GivesBackEveryFieldOfAPassage()
    {
        var log = new MemoryPassageLog();
        var store = await CreateAsync(log);
        var passage = new IndexedPassage
        {
            DocumentId = "a",
            Ordinal = 0,
            Text = "text",
            Title = "A > B",
            Path = "a.md",
            Kind = "markdown",
            StartLine = 3,
            EndLine = 5,
            Metadata = new Dictionary<string, MetadataValue> { ["n"] = MetadataValue.Of(1.5), ["l"] = MetadataValue.Of(MetadataValue.Of("x"), MetadataValue.Of(true)), ["z"] = default },
        };
        await store.PutAsync(Docs, new DocumentPassages(new StoredDocument("a", 7, "hash", 1, "file://host/docs"), [new EmbeddedPassage(passage, new float[] { 1, 0 })]), default);

        var restarted = new InMemoryVectorStore(log);
        await restarted.LoadAsync(default);

        Assert.Equal(new StoredDocument("a", 7, "hash", 1, "file://host/docs"), (await restarted.FindAsync(Docs, ["a"], default))["a"]);
        var found = Assert.Single(await restarted.SearchAsync(Docs, new PassageQuery { Mode = SearchMode.Lexical, Text = "text" }, default)).Passage;
        Assert.Equal(passage.Metadata, found.Metadata);
        Assert.Equal(passage with { Metadata = found.Metadata }, found);
    }

    [Fact]
    public async Task LoadAsync_OfADamagedRecord_SaysWhich()
    {
        var log = new MemoryPassageLog();
        await PutAsync(await CreateAsync(log), "a", revision: 1, "text");
        var key = log.Keys.Single(key => key.StartsWith("document/", StringComparison.Ordinal));
        log.Set(key, [1, 200, 0, 0, 0, (byte)'{']);
        var failure = await Assert.ThrowsAsync<StorageException>(() => new InMemoryVectorStore(log).LoadAsync(default));
        Assert.Contains(key, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DropAsync_RemovesAllOfAVersionAndNothingElse()
    {
        var log = new MemoryPassageLog();
        var store = await CreateAsync(log);
        await PutAsync(store, "a", revision: 1, "one");
        var other = new CollectionVersion("docs", 10);
        await store.CreateAsync(other, 2, default);
        await store.DropAsync(Docs, default);

        Assert.Equal(["version/docs/10"], log.Keys);
        await Assert.ThrowsAsync<RequestException>(async () => await store.CountAsync(Docs, default));
        Assert.Equal(0, (await store.CountAsync(other, default)).Documents);
    }

    [Fact]
    public async Task CreateAsync_WithAnotherDimension_IsRefused()
    {
        var store = await CreateAsync(new MemoryPassageLog());
        await store.CreateAsync(Docs, 2, default);
        await Assert.ThrowsAsync<RequestException>(async () => await store.CreateAsync(Docs, 3, default));
    }

    private static async Task<InMemoryVectorStore> CreateAsync(MemoryPassageLog log)
    {
        var store = new InMemoryVectorStore(log);
        await store.CreateAsync(Docs, 2, default);
        return store;
    }

    private static async Task<bool> PutAsync(InMemoryVectorStore store, string id, long revision, string text, params float[] vector)
    {
        var passage = new IndexedPassage { DocumentId = id, Ordinal = 0, Text = text };
        var embedded = new EmbeddedPassage(passage, vector.Length == 0 ? new float[] { 1, 0 } : vector);
        return await store.PutAsync(Docs, new DocumentPassages(new StoredDocument(id, revision, text, 1), [embedded]), default);
    }

    private static async Task<IEnumerable<string>> TextsAsync(InMemoryVectorStore store) =>
        (await store.SearchAsync(Docs, new PassageQuery { Mode = SearchMode.Dense, Vector = new float[] { 1, 0 }, Limit = 100 }, default)).Select(hit => hit.Passage.Text);

    private static IEnumerable<(string, double)> Scores(IReadOnlyList<RankedPassage> hits) =>
        hits.Select(hit => (hit.Passage.ChunkId, hit.Scores.Final)).OrderBy(hit => hit.ChunkId, StringComparer.Ordinal);
}
