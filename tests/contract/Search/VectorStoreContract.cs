using System.Numerics.Tensors;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Search.Passages;
using OrleansChat.Core.Search.Stores;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Contract.Tests.Search;

/// <summary>What every <see cref="IVectorStore"/> promises.</summary>
public abstract partial class VectorStoreContract(ITestOutputHelper output) : IAsyncLifetime
{
    private IVectorStore _store = null!;

    /// <summary>A version that no other test uses.</summary>
    protected CollectionVersion Docs { get; } = new($"t{Guid.NewGuid():N}", 1);

    /// <summary>Opens the store under test.</summary>
    protected abstract Task<IVectorStore> OpenAsync();

    public async Task InitializeAsync()
    {
        _store = await OpenAsync();
        await _store.CreateAsync(Docs, 2, default);
    }

    public async Task DisposeAsync() => await _store.DropAsync(Docs, default);

    [Fact]
    public async Task PutAsync_MakesTheDocumentFoundAndCounted()
    {
        Assert.True(await PutAsync("a", 1, "red fox", "blue whale"));
        Assert.Equal(new StoreCounts(1, 2), await _store.CountAsync(Docs, default));
        Assert.Equal(new StoredDocument("a", 1, "hash1", 2), (await _store.FindAsync(Docs, ["a", "b", "a"], default)).Single().Value);
        Assert.Equal(["blue whale"], await WordsAsync("whales"));
    }

    [Fact]
    public async Task PutAsync_OfAHigherRevision_TakesThePlaceOfAllPassages()
    {
        await PutAsync("a", 1, "one fox", "two fox", "three fox");
        Assert.True(await PutAsync("a", 2, "four fox"));
        Assert.Equal(["four fox"], await WordsAsync("fox"));
        Assert.Equal(new StoreCounts(1, 1), await _store.CountAsync(Docs, default));
    }

    [Fact]
    public async Task PutAsync_OfALowerRevision_ChangesNothing()
    {
        await PutAsync("a", 5, "five fox");
        Assert.False(await PutAsync("a", 4, "four fox", "and fox"));
        Assert.Equal(["five fox"], await WordsAsync("fox"));
        Assert.Equal(new StoreCounts(1, 1), await _store.CountAsync(Docs, default));
    }

    [Fact]
    public async Task PutAsync_Repeated_ChangesNothing()
    {
        Assert.True(await PutAsync("a", 1, "red fox"));
        Assert.True(await PutAsync("a", 1, "red fox"));
        Assert.Equal(new StoreCounts(1, 1), await _store.CountAsync(Docs, default));
    }

    [Fact]
    public async Task DeleteAsync_RemovesTheDocumentAndRefusesOlderUploads()
    {
        await PutAsync("a", 1, "red fox");
        await PutAsync("b", 2, "grey fox");
        Assert.True(await _store.DeleteAsync(Docs, "a", 4, default));
        Assert.False(await PutAsync("a", 3, "late fox"));
        Assert.Equal(["grey fox"], await WordsAsync("fox"));
        Assert.Equal(new StoreCounts(1, 1), await _store.CountAsync(Docs, default));
        Assert.Empty(await _store.FindAsync(Docs, ["a"], default));
        Assert.False(await _store.DeleteAsync(Docs, "a", 5, default));
        Assert.True(await PutAsync("a", 6, "new fox"));
        Assert.Equal(["grey fox", "new fox"], (await WordsAsync("fox")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task ListDeletionsAsync_TellsOfWhatIsNotThereAnyMore()
    {
        await PutAsync("a", 1, "red fox");
        await PutAsync("b", 2, "grey fox");
        foreach (var (id, revision) in new[] { ("a", 3L), ("b", 4L), ("never", 5L), ("c", 6L) })
            await _store.DeleteAsync(Docs, id, revision, default);
        await PutAsync("b", 7, "new fox");
        await _store.DeleteAsync(Docs, "c", 8, default);

        var found = new List<DocumentDeletion>();
        for (string? cursor = null; ;)
        {
            var page = await _store.ListDeletionsAsync(Docs, cursor, 2, default);
            Assert.InRange(page.Deletions.Count, 1, 2);
            found.AddRange(page.Deletions);
            if ((cursor = page.Next) is null)
                break;
        }

        Assert.Equal([new("a", 3), new("c", 8), new("never", 5)], found.OrderBy(deletion => deletion.Id, StringComparer.Ordinal));
    }

    [Fact]
    public async Task DeleteAsync_OfALowerRevision_ChangesNothing()
    {
        await PutAsync("a", 5, "red fox");
        await _store.DeleteAsync(Docs, "a", 4, default);
        Assert.Equal(["red fox"], await WordsAsync("fox"));
    }

    [Fact]
    public async Task PutAsync_InAnyOrder_LeavesTheHighestRevision()
    {
        var random = Seed.Print(output);
        var revisions = Enumerable.Range(1, 12).ToArray();
        random.Shuffle(revisions);
        await Task.WhenAll(revisions.Select(revision => PutAsync("a", revision, $"fox {revision}")));
        Assert.Equal(["fox 12"], await WordsAsync("fox"));
        Assert.Equal(new StoreCounts(1, 1), await _store.CountAsync(Docs, default));
    }

    [Fact]
    public async Task AnUnfitVector_IsRefusedAndLeavesTheOldDocument()
    {
        await PutAsync("a", 1, "old fox");
        await Assert.ThrowsAsync<RequestException>(() => PutAsync("a", 2, ("new fox", [1f, 2f, 3f])));
        await Assert.ThrowsAsync<RequestException>(() => PutAsync("a", 2, ("new fox", [1f, float.NaN])));
        await Assert.ThrowsAsync<RequestException>(async () => await _store.SearchAsync(Docs, new PassageQuery { Mode = SearchMode.Dense, Vector = new float[3] }, default));
        Assert.Equal(["old fox"], await WordsAsync("fox"));
    }

    [Fact]
    public async Task AVersionThatDoesNotExist_IsNotFound()
    {
        var unknown = Docs with { Number = 9 };
        await NotFoundAsync(async () => await _store.CountAsync(unknown, default));
        await NotFoundAsync(async () => await _store.FindAsync(unknown, ["a"], default));
        await NotFoundAsync(async () => await _store.DeleteAsync(unknown, "a", 1, default));
        await NotFoundAsync(async () => await _store.SearchAsync(unknown, new PassageQuery { Mode = SearchMode.Lexical, Text = "fox" }, default));
        await NotFoundAsync(async () => await _store.PutAsync(unknown, Document("a", 1, [("fox", [1f, 0f])]), default));
        await _store.DropAsync(unknown, default);

        static async Task NotFoundAsync(Func<Task> call) => Assert.Equal("not_found", (await Assert.ThrowsAsync<RequestException>(call)).Problem.Code);
    }

    [Fact]
    public async Task ListAsync_PagesThroughEveryLivingDocumentOnce()
    {
        for (var i = 0; i < 7; i++)
            await PutAsync($"d{i}", i + 1, "fox");
        await _store.DeleteAsync(Docs, "d3", 20, default);

        var listed = new List<StoredDocument>();
        string? cursor = null;
        do
        {
            var page = await _store.ListAsync(Docs, cursor, 2, default);
            Assert.InRange(page.Documents.Count, 0, 2);
            listed.AddRange(page.Documents);
            cursor = page.Next;
        }
        while (cursor is not null);

        Assert.Equal(["d0 1", "d1 2", "d2 3", "d4 5", "d5 6", "d6 7"], listed.Select(document => $"{document.Id} {document.Revision}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task HasFieldAsync_KnowsTheFieldsOfDocuments()
    {
        await PutAsync("a", 1, "fox", new Dictionary<string, MetadataValue> { ["topic"] = MetadataValue.Of("red"), ["tags"] = MetadataValue.Of([MetadataValue.Of("x")]) });
        Assert.True(await _store.HasFieldAsync(Docs, "topic", default));
        Assert.True(await _store.HasFieldAsync(Docs, "tags", default));
        Assert.False(await _store.HasFieldAsync(Docs, "topics", default));
    }

    [Fact]
    public async Task ReadAsync_GivesThePassagesOfTheRevisionInPlace()
    {
        await PutAsync("a", 1, "one", "two");
        await PutAsync("a", 2, "three", "four", "five");
        await PutAsync("b", 3, "six");
        await _store.DeleteAsync(Docs, "b", 4, default);

        var read = (await _store.ReadAsync(Docs, "a", default))!;
        Assert.Equal((2L, "hash2"), (read.Document.Revision, read.Document.ContentHash));
        Assert.Equal(["three", "four", "five"], read.Passages.Select(passage => passage.Passage.Text));
        Assert.Null(await _store.ReadAsync(Docs, "b", default));
        Assert.Null(await _store.ReadAsync(Docs, "none", default));
    }

    [Fact]
    public async Task Documents_KeepWhatTheyWereTakenFrom()
    {
        var (taken, sent) = (Document("a", 1, [("one", [1f, 0f])]), Document("b", 2, [("two", [0f, 1f])]));
        await _store.PutAsync(Docs, taken with { Document = taken.Document with { Origin = "file://host/docs" } }, default);
        await _store.PutAsync(Docs, sent, default);

        Assert.Equal(["file://host/docs", null], (await _store.ListAsync(Docs, null, 10, default)).Documents.OrderBy(document => document.Id).Select(document => document.Origin));
        Assert.Equal("file://host/docs", (await _store.ReadAsync(Docs, "a", default))!.Document.Origin);
    }

    [Fact]
    public async Task ReadAsync_GivesEachPassageItsVectorsDirection()
    {
        await _store.PutAsync(Docs, Document("a", 1, [("one", [3f, 4f]), ("two", [0f, -2f])]), default);

        var read = (await _store.ReadAsync(Docs, "a", default))!;

        Assert.Equal([1f, 1f], read.Passages.Zip<EmbeddedPassage, float[]>([[3f, 4f], [0f, -2f]]).Select(
            pair => MathF.Round(TensorPrimitives.CosineSimilarity(pair.First.Vector.Span, pair.Second), 5)));
    }

    [Fact]
    public async Task CreateAsync_Repeated_KeepsTheDocumentsAndRefusesAnotherDimension()
    {
        await PutAsync("a", 1, "red fox");
        await _store.CreateAsync(Docs, 2, default);
        await Assert.ThrowsAsync<RequestException>(async () => await _store.CreateAsync(Docs, 3, default));
        Assert.Equal(["red fox"], await WordsAsync("fox"));
    }

    [Fact]
    public async Task DropAsync_RemovesOneVersionAlone()
    {
        var other = Docs with { Number = 2 };
        await _store.CreateAsync(other, 3, default);
        await PutAsync("a", 1, "red fox");
        await _store.DropAsync(other, default);
        await _store.DropAsync(other, default);
        await Assert.ThrowsAsync<RequestException>(async () => await _store.CountAsync(other, default));
        Assert.Equal(["red fox"], await WordsAsync("fox"));
    }

    private async Task<string[]> WordsAsync(string text) =>
        [.. (await _store.SearchAsync(Docs, new PassageQuery { Mode = SearchMode.Lexical, Text = text, Limit = 100 }, default)).Select(hit => hit.Passage.Text)];

    private Task<bool> PutAsync(string id, long revision, params string[] texts) =>
        PutAsync(id, revision, [.. texts.Select(text => (text, new[] { 1f, 0f }))]);

    private async Task<bool> PutAsync(string id, long revision, params (string Text, float[] Vector)[] passages) =>
        await _store.PutAsync(Docs, Document(id, revision, passages), default);

    private async Task PutAsync(string id, long revision, string text, IReadOnlyDictionary<string, MetadataValue> metadata)
    {
        var document = Document(id, revision, [(text, [1f, 0f])]);
        var passage = document.Passages[0];
        await _store.PutAsync(Docs, document with { Passages = [passage with { Passage = passage.Passage with { Metadata = metadata } }] }, default);
    }

    private static DocumentPassages Document(string id, long revision, (string Text, float[] Vector)[] passages) => new(
        new StoredDocument(id, revision, $"hash{revision}", passages.Length),
        [.. passages.Select((passage, i) => new EmbeddedPassage(new IndexedPassage { DocumentId = id, Ordinal = i, Text = passage.Text }, passage.Vector))]);
}
