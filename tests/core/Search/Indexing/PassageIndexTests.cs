using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Dense;
using OrleansChat.Core.Search.Filters;
using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Search.Lexical;
using OrleansChat.Core.Search.Passages;
using OrleansChat.Core.Search.Ranking;
using OrleansChat.Core.Search.Rows;

namespace OrleansChat.Core.Tests.Search.Indexing;

public sealed class PassageIndexTests
{
    private const int Dimension = 24;

    [Theory]
    [InlineData(0.9, 0.4, VectorPrecision.Full)]
    [InlineData(1.2, 0.75, VectorPrecision.Quantized)]
    [InlineData(0, 0, VectorPrecision.Full)]
    public void Search_AfterRandomChanges_GivesTheScoresOfTheFormulas(double k1, double b, VectorPrecision precision)
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var passages = new RandomPassages(random, Dimension);
        var bm25 = new Bm25Options { K1 = k1, B = b };
        var index = new PassageIndex(new PassageIndexOptions { Dimension = Dimension, Bm25 = bm25, Precision = precision });
        var model = new SortedDictionary<string, EmbeddedPassage[]>(StringComparer.Ordinal);

        // Enough deaths for several compactions.
        for (var change = 0; change < 4_000; change++)
        {
            var id = $"d{random.Next(300)}";
            if (random.Next(3) == 0)
            {
                Assert.Equal(model.Remove(id), index.Remove(id));
            }
            else
            {
                model[id] = passages.Document(id);
                index.Replace(id, model[id]);
            }

            if (change % 200 != 0)
                continue;
            EmbeddedPassage[] living = [.. model.Values.SelectMany(document => document)];
            Assert.Equal(living.Length, index.Count);
            var words = passages.Words(random.Next(1, 6));
            var vector = passages.Vector();
            var because = $"seed {seed}, change {change}, query '{words}'";
            AssertScores(NaiveSearch.Bm25(living, words, bm25), Run(index, SearchMode.Lexical, words, vector), because);
            AssertScores(NaiveSearch.Cosine(living, vector), Run(index, SearchMode.Dense, words, vector), because);
        }
    }

    [Fact]
    public void Search_WithALimit_GivesTheHeadOfTheWholeRanking()
    {
        var seed = Random.Shared.Next();
        var passages = new RandomPassages(new Random(seed), Dimension);
        var index = Filled(passages, documents: 500);
        var (words, vector) = (passages.Words(4), passages.Vector());
        foreach (var mode in new[] { SearchMode.Lexical, SearchMode.Dense })
        {
            var all = Run(index, mode, words, vector);
            var head = index.Search(new PassageQuery { Mode = mode, Text = words, Vector = vector, Limit = 7 });
            Assert.True(all.Take(7).SequenceEqual(head), $"{mode}, seed {seed}");
        }
    }

    [Fact]
    public void Search_Hybrid_GivesBothScoresAndTheirFusion()
    {
        var index = new PassageIndex(new PassageIndexOptions { Dimension = 2 });
        index.Replace("both", [Passage("both", "apple pie", [1, 0])]);
        index.Replace("words", [Passage("words", "apple apple apple", [-1, 0.1f])]);
        index.Replace("meaning", [Passage("meaning", "fruit cake", [0.9f, 0.1f])]);

        var query = new PassageQuery { Text = "apple", Vector = new float[] { 1, 0 }, Fusion = new FusionOptions { DenseWeight = 0.5, Candidates = 2 }, Limit = 2 };
        var hits = index.Search(query with { Limit = 2 });

        Assert.Equal(["both", "words"], hits.Select(hit => hit.Passage.DocumentId));
        Assert.Equal(1.0 / 62 + 0.5 / 61, hits[0].Scores.Fused!.Value, 12);
        Assert.Equal(1, hits[0].Scores.Dense!.Value, 6);
        Assert.NotNull(hits[0].Scores.Lexical);
        Assert.Null(hits[1].Scores.Dense);
        Assert.Equal(hits[0].Scores.Fused, hits[0].Scores.Final);
    }

    [Fact]
    public void Search_WithAFilter_RanksOnlyWhatPasses()
    {
        var seed = Random.Shared.Next();
        var passages = new RandomPassages(new Random(seed), Dimension);
        var index = Filled(passages, documents: 400);
        var filter = new SearchFilter.Prefix("documentId", "d1");
        var (words, vector) = (passages.Words(3), passages.Vector());
        foreach (var mode in new[] { SearchMode.Lexical, SearchMode.Dense })
        {
            var expected = Run(index, mode, words, vector).Where(hit => hit.Passage.DocumentId.StartsWith("d1", StringComparison.Ordinal)).Take(20);
            var hits = index.Search(new PassageQuery { Mode = mode, Text = words, Vector = vector, Filter = filter, Limit = 20 });
            Assert.True(expected.SequenceEqual(hits), $"{mode}, seed {seed}");
        }
    }

    [Theory]
    [InlineData(VectorPrecision.Full)]
    [InlineData(VectorPrecision.Quantized)]
    public void Search_OverSoManyPassagesThatThreadsShareTheWork_GivesTheBestOfAll(VectorPrecision precision)
    {
        const int Many = 60_000;
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var index = new PassageIndex(new PassageIndexOptions { Dimension = 8, Precision = precision });
        var passages = Enumerable.Range(0, Many).Select(i => Passage($"d{i}", i % 1_000 == 0 ? "rare" : "common", Vector())).ToList();
        foreach (var passage in passages)
            index.Replace(passage.Passage.DocumentId, [passage]);

        for (var round = 0; round < 5; round++)
        {
            var vector = Vector();
            var nearest = NaiveSearch.Cosine(passages, vector).OrderByDescending(passage => passage.Value).Take(10).Select(passage => passage.Key).ToHashSet();
            var query = new PassageQuery { Mode = SearchMode.Dense, Text = "rare", Vector = vector };
            Assert.True(nearest.SetEquals(index.Search(query).Select(hit => hit.Passage.ChunkId)), $"seed {seed}");
            var hybrid = index.Search(query with { Mode = SearchMode.Hybrid, Fusion = new FusionOptions { DenseWeight = 0.01 } });
            Assert.All(hybrid, hit => Assert.Equal("rare", hit.Passage.Text));
            Assert.Equal(10, hybrid.Count);
        }

        float[] Vector() => [.. Enumerable.Range(0, 8).Select(_ => random.NextSingle() - 0.5f)];
    }

    [Fact]
    public void Search_OfAnEmptyIndexOrWithoutWords_FindsNothing()
    {
        var index = new PassageIndex(new PassageIndexOptions { Dimension = 2 });
        Assert.Empty(index.Search(new PassageQuery { Text = "apple", Vector = new float[] { 1, 0 } }));
        index.Replace("a", [Passage("a", "apple", [1, 0])]);
        Assert.Empty(index.Search(new PassageQuery { Mode = SearchMode.Lexical, Text = "the of" }));
        Assert.Empty(index.Search(new PassageQuery { Mode = SearchMode.Dense, Vector = new float[] { 0, 0 } }));
    }

    [Fact]
    public void Replace_WithAVectorThatDoesNotFit_ChangesNothing()
    {
        var index = new PassageIndex(new PassageIndexOptions { Dimension = 2 });
        index.Replace("a", [Passage("a", "apple", [1, 0])]);

        Assert.Throws<ArgumentException>(() => index.Replace("a", [Passage("a", "pear", [1, 0, 0])]));
        Assert.Throws<ArgumentException>(() => index.Replace("a", [Passage("a", "pear", [1, float.NaN])]));
        Assert.Throws<ArgumentException>(() => index.Replace("b", [Passage("a", "pear", [1, 0])]));

        Assert.Equal("apple", Assert.Single(Run(index, SearchMode.Dense, "", [1, 0])).Passage.Text);
    }

    [Theory]
    [InlineData(VectorPrecision.Full)]
    [InlineData(VectorPrecision.Quantized)]
    public void Replace_WithoutRoomForTextsOrVectors_ChangesNothing(VectorPrecision precision)
    {
        var stores = new BoundedStores { Room = 1_000 };
        var index = new PassageIndex(new PassageIndexOptions { Dimension = 2, Precision = precision, Stores = stores });
        index.Replace("a", [Passage("a", "apple", [1, 0])]);
        stores.Room = 60;

        Assert.Throws<StorageException>(() => index.Replace("a", [Passage("a", "pear", [0, 1]), Passage("a", new string('x', 100), [0, 1])]));
        Assert.Equal("apple", Assert.Single(Run(index, SearchMode.Dense, "", [1, 0])).Passage.Text);
        stores.Room = 1_000;
        index.Replace("a", [Passage("a", "pear", [0, 1])]);
        Assert.Equal("pear", Assert.Single(Run(index, SearchMode.Lexical, "pear", [1, 0])).Passage.Text);
    }

    [Fact]
    public async Task Search_BesideChanges_SeesWholeDocumentsOnly()
    {
        const int Documents = 60;
        var index = new PassageIndex(new PassageIndexOptions { Dimension = 1 });
        for (var document = 0; document < Documents; document++)
            index.Replace($"d{document}", Revision(document, 0));

        using var stop = new CancellationTokenSource();
        Task[] readers = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            var reads = 0;
            for (; reads == 0 || !stop.IsCancellationRequested; reads++)
            {
                var query = new PassageQuery { Mode = reads % 2 == 0 ? SearchMode.Lexical : SearchMode.Dense, Text = "common", Vector = new float[] { 1 }, Limit = 10_000 };
                var hits = index.Search(query);
                // A revision has three passages, all of one number; a mix of revisions would show.
                Assert.Equal(Documents * 3, hits.Count);
                Assert.All(hits.GroupBy(hit => hit.Passage.DocumentId), document => Assert.Single(document.Select(hit => hit.Passage.Title).Distinct()));
            }
        }))];
        for (var revision = 1; revision <= 100; revision++)
        {
            for (var document = 0; document < Documents; document++)
                index.Replace($"d{document}", Revision(document, revision));
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers);

        static EmbeddedPassage[] Revision(int document, int revision) =>
            [.. Enumerable.Range(0, 3).Select(ordinal => new EmbeddedPassage(
                new IndexedPassage { DocumentId = $"d{document}", Ordinal = ordinal, Title = $"r{revision}", Text = "common word" }, new float[] { 1 }))];
    }

    private static PassageIndex Filled(RandomPassages passages, int documents)
    {
        var index = new PassageIndex(new PassageIndexOptions { Dimension = Dimension });
        for (var i = 0; i < documents; i++)
            index.Replace($"d{i}", passages.Document($"d{i}"));
        return index;
    }

    private static IReadOnlyList<RankedPassage> Run(PassageIndex index, SearchMode mode, string text, float[] vector) =>
        index.Search(new PassageQuery { Mode = mode, Text = text, Vector = vector, Limit = 100_000 });

    private static void AssertScores(Dictionary<string, double> expected, IReadOnlyList<RankedPassage> hits, string because)
    {
        Assert.True(expected.Keys.ToHashSet().SetEquals(hits.Select(hit => hit.Passage.ChunkId)), because);
        Assert.All(hits, hit => Assert.True(Math.Abs(expected[hit.Passage.ChunkId] - hit.Scores.Final) < 1e-4, because));
        Assert.True(hits.Zip(hits.Skip(1)).All(pair => pair.First.Scores.Final >= pair.Second.Scores.Final), because);
    }

    private static EmbeddedPassage Passage(string documentId, string text, float[] vector) =>
        new(new IndexedPassage { DocumentId = documentId, Ordinal = 0, Text = text }, vector);

    /// <summary>Stores with little room in all.</summary>
    private sealed class BoundedStores : IByteStores
    {
        public int Room { get; set; }

        public IByteStore Create() => new Store(this, MemoryBytes.Stores.Create());

        private sealed class Store(BoundedStores owner, IByteStore bytes) : IByteStore
        {
            public long Append(ReadOnlySpan<byte> added)
            {
                if (added.Length > owner.Room)
                    throw new StorageException("The disk is full.");
                owner.Room -= added.Length;
                return bytes.Append(added);
            }

            public void Read(long place, Span<byte> target) => bytes.Read(place, target);
        }
    }
}
