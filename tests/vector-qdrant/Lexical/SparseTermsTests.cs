using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Search.Passages;
using OrleansChat.Core.Search.Stores;
using OrleansChat.Testing;
using OrleansChat.Testing.Search;
using OrleansChat.VectorQdrant.Lexical;
using OrleansChat.VectorQdrant.Tests.Simulation;
using Xunit.Abstractions;

namespace OrleansChat.VectorQdrant.Tests.Lexical;

public sealed class SparseTermsTests(ITestOutputHelper output)
{
    private static readonly CollectionVersion Docs = new("docs", 1);

    [Fact]
    public async Task Scores_OfPassagesOfAverageLength_AreThoseOfTheStoreInMemory()
    {
        var random = Seed.Print(output);
        IVectorStore[] stores = [TestStore.Over(new SimulatedQdrant()), new InMemoryVectorStore(new MemoryPassageLog())];
        foreach (var store in stores)
            await store.CreateAsync(Docs, 1, default);
        for (var i = 1; i <= 20; i++)
        {
            var passage = new IndexedPassage { DocumentId = $"d{i}", Ordinal = 0, Text = Words((int)SparseTerms.AverageLength) };
            var document = new DocumentPassages(new StoredDocument($"d{i}", i, "h", 1), [new EmbeddedPassage(passage, new float[] { 1 })]);
            foreach (var store in stores)
                await store.PutAsync(Docs, document, default);
        }

        for (var i = 0; i < 20; i++)
        {
            var query = new PassageQuery { Mode = SearchMode.Lexical, Text = Words(random.Next(1, 6)), Limit = 100 };
            var (simulated, inMemory) = (await ScoresAsync(stores[0], query), await ScoresAsync(stores[1], query));
            Assert.Equal(inMemory.Keys.Order(StringComparer.Ordinal), simulated.Keys.Order(StringComparer.Ordinal));
            Assert.All(inMemory, hit => Assert.Equal(hit.Value, simulated[hit.Key], 1e-4));
        }

        string Words(int count) => string.Join(' ', Enumerable.Range(0, count).Select(_ => $"w{(int)(400 * Math.Pow(random.NextDouble(), 3))}"));
    }

    [Fact]
    public void OfPassage_HasAnalysedTitleAndText()
    {
        var both = SparseTerms.OfPassage(new IndexedPassage { DocumentId = "a", Ordinal = 0, Title = "The Foxes", Text = "running" });
        Assert.Equal(new[] { SparseTerms.IndexOf("fox"), SparseTerms.IndexOf("run") }.Order(), both.Indices);
    }

    [Fact]
    public void OfQuery_CountsRepetitionsAndLeavesStopWordsOut()
    {
        var query = SparseTerms.OfQuery("the fox and the fox");
        Assert.Equal([SparseTerms.IndexOf("fox")], query.Indices);
        Assert.Equal([2f], query.Values);
        Assert.Empty(SparseTerms.OfQuery("the of and").Indices);
    }

    [Fact]
    public void IndexOf_StaysAsItIsOnDisk()
    {
        Assert.Equal(0x022E1CF9u, SparseTerms.IndexOf("fox"));
        Assert.Equal(0x19087A17u, SparseTerms.IndexOf("größe"));
    }

    private static async Task<Dictionary<string, double>> ScoresAsync(IVectorStore store, PassageQuery query) =>
        (await store.SearchAsync(Docs, query, default)).ToDictionary(hit => hit.Passage.DocumentId, hit => hit.Scores.Lexical!.Value);
}
