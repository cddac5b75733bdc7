using OrleansChat.Core.Search.Filters;
using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Search.Passages;
using OrleansChat.Core.Search.Ranking;
using OrleansChat.Core.Search.Stores;
using OrleansChat.Testing;

namespace OrleansChat.Contract.Tests.Search;

/// <summary>What a store finds, and in which order.</summary>
public abstract partial class VectorStoreContract
{
    [Fact]
    public async Task SearchAsync_WhileADocumentIsReplaced_SeesOneRevisionInWhole()
    {
        await PutAsync("a", 1, "fox 1", "fox 1", "fox 1");
        var writing = WriteAsync();
        do
        {
            var texts = await WordsAsync("fox");
            Assert.Equal(3, texts.Length);
            Assert.Single(texts.Distinct());

            // A store that answers at once would keep the thread that the writer needs, where another test keeps the other one.
            await Task.Yield();
        }
        while (!writing.IsCompleted);
        await writing;

        async Task WriteAsync()
        {
            await Task.Yield();
            for (var revision = 2; revision <= 10; revision++)
                await PutAsync("a", revision, $"fox {revision}", $"fox {revision}", $"fox {revision}");
        }
    }

    [Fact]
    public async Task SearchAsync_GivesBackEveryFieldOfAPassage()
    {
        var passage = new IndexedPassage
        {
            DocumentId = "dir/ä \"1\"",
            Ordinal = 0,
            Text = "a fox\nand ü 🦊",
            Title = "A > B",
            Path = "a/b.md",
            Kind = "markdown",
            StartLine = 3,
            EndLine = 5,
            Metadata = new Dictionary<string, MetadataValue>
            {
                ["n"] = MetadataValue.Of(1.5),
                ["a.b[0] \"q\""] = MetadataValue.Of(MetadataValue.Of("x"), MetadataValue.Of(true), default),
                ["none"] = default,
            },
        };
        await _store.PutAsync(Docs, new DocumentPassages(new StoredDocument(passage.DocumentId, 1, "h", 1), [new EmbeddedPassage(passage, new float[] { 1, 0 })]), default);
        var found = Assert.Single(await _store.SearchAsync(Docs, new PassageQuery { Mode = SearchMode.Lexical, Text = "fox" }, default)).Passage;
        Assert.Equal(passage.Metadata.OrderBy(field => field.Key, StringComparer.Ordinal), found.Metadata.OrderBy(field => field.Key, StringComparer.Ordinal));
        Assert.Equal(passage with { Metadata = found.Metadata }, found);
    }

    [Fact]
    public async Task SearchAsync_ByVector_RanksByCosine()
    {
        await PutAsync("near", 1, ("fox", [2f, 0.2f]));
        await PutAsync("far", 2, ("fox", [-1f, 0f]));
        await PutAsync("mid", 3, ("fox", [0f, 3f]));
        var hits = await _store.SearchAsync(Docs, new PassageQuery { Mode = SearchMode.Dense, Vector = new float[] { 5, 0 } }, default);
        Assert.Equal(["near", "mid", "far"], hits.Select(hit => hit.Passage.DocumentId));
        Assert.Equal(-1, hits[2].Scores.Dense!.Value, 1e-5);
        Assert.Null(hits[0].Scores.Lexical);
    }

    [Fact]
    public async Task SearchAsync_ByWords_PrefersRareWords()
    {
        for (var i = 1; i <= 10; i++)
            await PutAsync($"d{i}", i, i == 7 ? "common rare" : "common other");
        var hits = await _store.SearchAsync(Docs, new PassageQuery { Mode = SearchMode.Lexical, Text = "common rare", Limit = 3 }, default);
        Assert.Equal(3, hits.Count);
        Assert.Equal("d7", hits[0].Passage.DocumentId);
        Assert.True(hits[0].Scores.Lexical > 2 * hits[1].Scores.Lexical);
        Assert.Empty(await WordsAsync("the of"));
        Assert.Empty(await WordsAsync("unknown"));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 0.25)]
    [InlineData(2, 2)]
    [InlineData(0.5, 3)]
    public async Task SearchAsync_Hybrid_ScoresByWeightedReciprocalRank(double lexicalWeight, double denseWeight)
    {
        await PutAsync("words", 1, ("fox fox", [0.1f, 1f]));
        await PutAsync("both", 2, ("fox and others on a longer line of text", [1f, 0f]));
        await PutAsync("vector", 3, ("whale", [1f, 0.1f]));
        var fusion = new FusionOptions { LexicalWeight = lexicalWeight, DenseWeight = denseWeight };
        var hits = await _store.SearchAsync(Docs, new PassageQuery { Text = "fox", Vector = new float[] { 1, 0 }, Fusion = fusion }, default);
        var scores = hits.ToDictionary(hit => hit.Passage.DocumentId, hit => hit.Scores);
        Assert.Equal(lexicalWeight / 61 + denseWeight / 63, scores["words"].Fused!.Value, 1e-5);
        Assert.Equal(lexicalWeight / 62 + denseWeight / 61, scores["both"].Fused!.Value, 1e-5);
        Assert.Equal(denseWeight / 62, scores["vector"].Fused!.Value, 1e-5);
        Assert.Null(scores["vector"].Lexical);
        Assert.True(scores["words"].Lexical > scores["both"].Lexical);
        Assert.Equal(1, scores["both"].Dense!.Value, 1e-5);
        Assert.Equal(hits.Select(hit => hit.Scores.Final).OrderDescending(), hits.Select(hit => hit.Scores.Final));
    }

    [Fact]
    public async Task SearchAsync_WithAFilter_RanksOnlyWhatPasses()
    {
        for (var i = 1; i <= 20; i++)
            await PutAsync($"d{i:00}", i, "fox", new Dictionary<string, MetadataValue> { ["n"] = MetadataValue.Of(i) });
        var filter = new SearchFilter.Range("n", AtLeast: MetadataValue.Of(7), LessThan: MetadataValue.Of(9));
        foreach (var mode in Enum.GetValues<SearchMode>())
        {
            var hits = await _store.SearchAsync(Docs, new PassageQuery { Mode = mode, Text = "fox", Vector = new float[] { 1, 0 }, Filter = filter, Limit = 5 }, default);
            Assert.Equal(["d07", "d08"], hits.Select(hit => hit.Passage.DocumentId).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task SearchAsync_WithAnyFilter_FindsWhatTheFilterMatches()
    {
        var random = new RandomFilters(Seed.Print(output));
        var passages = new List<IndexedPassage>();
        for (var i = 1; i <= 30; i++)
        {
            var metadata = random.Metadata();
            passages.Add(new IndexedPassage { DocumentId = $"d{i}", Ordinal = 0, Text = "fox", Metadata = metadata });
            await PutAsync($"d{i}", i, "fox", metadata);
        }

        for (var i = 0; i < 150; i++)
        {
            var filter = random.Filter(depth: 3);
            var hits = await _store.SearchAsync(Docs, new PassageQuery { Mode = SearchMode.Lexical, Text = "fox", Filter = filter, Limit = 50 }, default);
            var expected = passages.Where(filter.Matches).Select(passage => passage.DocumentId).Order(StringComparer.Ordinal);
            Assert.True(expected.SequenceEqual(hits.Select(hit => hit.Passage.DocumentId).Order(StringComparer.Ordinal)), filter.ToString());
        }
    }
}
