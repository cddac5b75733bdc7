using Microsoft.Extensions.AI;
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
        double? weight = Arguments.Text(args, "--dense-weight") is null ? null : Arguments.Real(args, "--dense-weight", 0);
        if (Arguments.Text(args, "--embeddings") is { } address)
        {
            var model = Arguments.Text(args, "--model") ?? "default";
            using var plugged = new PluggedModel(new Uri(address), model);
            using var kept = KeptVectors.Of(plugged.Generator);
            var isBelow = await PrintAsync(folder, bm25, model, kept, weight);
            if (Arguments.Text(args, "--keep") is { } file)
                kept.Save(file);
            return isBelow;
        }

        var embedding = new HashingEmbeddingOptions
        {
            Dimensions = Arguments.Number(args, "--dimensions", HashingEmbeddingOptions.DefaultDimensions),
            NgramLength = Arguments.Number(args, "--ngram", new HashingEmbeddingOptions().NgramLength),
            NgramWeight = Arguments.Real(args, "--ngram-weight", new HashingEmbeddingOptions().NgramWeight),
        };
        using var embedder = new HashingEmbeddingGenerator(embedding);
        return await PrintAsync(folder, bm25, HashingEmbeddingGenerator.ModelId, embedder, weight);
    }

    /// <summary>Prints the figures. Without a weight, the vectors count as much as the product lets them.</summary>
    /// <returns>1 when hybrid is below lexical anywhere, otherwise 0.</returns>
    private static async Task<int> PrintAsync(
        string folder, Bm25Options bm25, string model, IEmbeddingGenerator<string, Embedding<float>> embedder, double? denseWeight)
    {
        var dimension = (await embedder.GenerateAsync(["dimension"]))[0].Vector.Length;
        Console.WriteLine($"BM25 k1 {bm25.K1}, b {bm25.B}; {model}, {dimension} dimensions");
        var below = false;
        foreach (var path in Directory.GetDirectories(folder).Order(StringComparer.Ordinal))
        {
            var collection = await EmbeddedCollection.CreateAsync(IrCollection.Load(path), new PassageIndexOptions { Dimension = dimension, Bm25 = bm25 }, embedder);
            var fusion = new FusionOptions { DenseWeight = denseWeight ?? await collection.WeightAsync() };
            Console.WriteLine($"{Path.GetFileName(path),-12} the vectors count {fusion.DenseWeight:F3} of what words count");
            var figures = new Dictionary<SearchMode, (double Ndcg, double Recall)>();
            foreach (var mode in Enum.GetValues<SearchMode>())
            {
                figures[mode] = await collection.MeasureAsync(mode, fusion);
                Console.WriteLine($"{Path.GetFileName(path),-12} {mode,-8} nDCG@10 {figures[mode].Ndcg:F4}  recall@100 {figures[mode].Recall:F4}");
            }

            below |= figures[SearchMode.Hybrid].Ndcg < figures[SearchMode.Lexical].Ndcg || figures[SearchMode.Hybrid].Recall < figures[SearchMode.Lexical].Recall;
        }

        Console.WriteLine(below ? "Hybrid is below lexical." : "Hybrid is nowhere below lexical.");
        return below ? 1 : 0;
    }
}
