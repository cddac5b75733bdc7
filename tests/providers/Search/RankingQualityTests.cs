using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Search.Ranking;
using OrleansChat.Providers.Builtin;
using OrleansChat.Testing.Search;
using Xunit.Abstractions;

namespace OrleansChat.Providers.Tests.Search;

/// <summary>Guards the ranking figures against falling, where the test collections are at hand.</summary>
public sealed class RankingQualityTests(ITestOutputHelper output)
{
    // What Lucene's BM25 reaches with k1 0.9 and b 0.4, English stop words and Porter stemming.
    [Theory]
    [InlineData("cranfield", 0.4971, 0.7415)]
    [InlineData("cisi", 0.3585, 0.4249)]
    public async Task Search_OfATestCollection_IsAtLeastAsGoodAsLuceneAndHybridAtLeastAsLexical(string name, double ndcg, double recall)
    {
        if (IrCollection.FindFolder() is not { } folder || !Directory.Exists(Path.Combine(folder, name)))
        {
            output.WriteLine($"Not run: no test collection '{name}'; {IrCollection.FolderVariable} names the folder that has it.");
            return;
        }

        using var embedder = new HashingEmbeddingGenerator();
        var collection = await EmbeddedCollection.CreateAsync(
            IrCollection.Load(Path.Combine(folder, name)), new PassageIndexOptions { Dimension = HashingEmbeddingOptions.DefaultDimensions }, embedder);
        var fusion = new FusionOptions { DenseWeight = await collection.WeightAsync() };
        var lexical = await collection.MeasureAsync(SearchMode.Lexical, fusion);
        var hybrid = await collection.MeasureAsync(SearchMode.Hybrid, fusion);
        output.WriteLine($"{name}: lexical {lexical}, hybrid {hybrid}");

        Assert.True(lexical.Ndcg >= ndcg && lexical.Recall >= recall, $"lexical {lexical}");
        Assert.True(hybrid.Ndcg >= lexical.Ndcg && hybrid.Recall >= lexical.Recall, $"lexical {lexical}, hybrid {hybrid}");
    }

    // The model knows these texts far worse than words do, and with the weight of words it would cost a fifth of cranfield's figure.
    [Theory]
    [InlineData("cranfield")]
    [InlineData("cisi")]
    public async Task Search_WithARealModelPluggedIn_IsAtLeastAsGoodAsWithoutIt(string name)
    {
        if (IrCollection.FindFolder() is not { } folder || !Directory.Exists(Path.Combine(folder, name)))
        {
            output.WriteLine($"Not run: no test collection '{name}'; {IrCollection.FolderVariable} names the folder that has it.");
            return;
        }

        using var model = KeptVectors.Load(Path.Combine(AppContext.BaseDirectory, "Search", "use-lite.vectors"));
        var collection = await EmbeddedCollection.CreateAsync(
            IrCollection.Load(Path.Combine(folder, name)), new PassageIndexOptions { Dimension = model.Dimension }, model);
        var fusion = new FusionOptions { DenseWeight = await collection.WeightAsync() };
        var (lexical, dense, hybrid) =
            (await collection.MeasureAsync(SearchMode.Lexical, fusion), await collection.MeasureAsync(SearchMode.Dense, fusion), await collection.MeasureAsync(SearchMode.Hybrid, fusion));
        output.WriteLine($"{name}: weight {fusion.DenseWeight:F3}, lexical {lexical}, dense {dense}, hybrid {hybrid}");

        Assert.InRange(dense.Ndcg, 0.2, lexical.Ndcg);
        Assert.True(hybrid.Ndcg >= lexical.Ndcg && hybrid.Recall >= lexical.Recall, $"lexical {lexical}, hybrid {hybrid}");
    }
}
