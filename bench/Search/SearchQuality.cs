using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Search.Lexical;
using OrleansChat.Core.Search.Ranking;
using OrleansChat.Providers.Builtin;
using OrleansChat.Testing.Search;

namespace OrleansChat.Bench.Search;

/// <summary>Prints ranking figures for every test collection of a folder.</summary>
internal static class SearchQuality
{
    public static async Task<int> RunAsync(string[] args)
    {
        if ((Arguments.Text(args, "--data") ?? IrCollection.FindFolder()) is not { } folder)
        {
            Console.Error.WriteLine($"No test collections: name their folder with --data or {IrCollection.FolderVariable}.");
            return 2;
        }

        var bm25 = new Bm25Options
        {
            K1 = Arguments.Real(args, "--k1", Bm25Options.DefaultK1),
            B = Arguments.Real(args, "--b", Bm25Options.DefaultB),
        };
        var embedding = new HashingEmbeddingOptions
        {
            Dimensions = Arguments.Number(args, "--dimensions", HashingEmbeddingOptions.DefaultDimensions),
            NgramLength = Arguments.Number(args, "--ngram", new HashingEmbeddingOptions().NgramLength),
            NgramWeight = Arguments.Real(args, "--ngram-weight", new HashingEmbeddingOptions().NgramWeight),
        };
        var fusion = new FusionOptions { DenseWeight = Arguments.Real(args, "--dense-weight", HashingEmbeddingGenerator.FusionWeight.Value) };

        using var embedder = new HashingEmbeddingGenerator(embedding);
        var options = new PassageIndexOptions { Dimension = embedding.Dimensions, Bm25 = bm25 };
        Console.WriteLine($"BM25 k1 {bm25.K1}, b {bm25.B}; {HashingEmbeddingGenerator.ModelId}, {embedding.Dimensions} dimensions, weight {fusion.DenseWeight}");
        foreach (var path in Directory.GetDirectories(folder).Order(StringComparer.Ordinal))
        {
            var collection = await EmbeddedCollection.CreateAsync(IrCollection.Load(path), options, embedder);
            foreach (var mode in Enum.GetValues<SearchMode>())
            {
                var (ndcg, recall) = collection.Measure(mode, fusion);
                Console.WriteLine($"{Path.GetFileName(path),-12} {mode,-8} nDCG@10 {ndcg:F4}  recall@100 {recall:F4}");
            }
        }

        return 0;
    }
}
