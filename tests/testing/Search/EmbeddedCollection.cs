using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Search;
using OrleansChat.Core.Search.Embedding;
using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Search.Metering;
using OrleansChat.Core.Search.Passages;
using OrleansChat.Core.Search.Ranking;
using OrleansChat.Core.Search.Stores;
using OrleansChat.Core.Search.Trials;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Testing.Search;

/// <summary>A test collection in a store, one passage per document, with its queries embedded.</summary>
public sealed class EmbeddedCollection
{
    private const string Model = "any/model";

    private readonly IrCollection _collection;
    private readonly InMemoryVectorStore _store;
    private readonly ServingVersion _version;
    private readonly IEmbeddingGenerator<string, Embedding<float>> _embedder;
    private readonly IReadOnlyList<Embedding<float>> _queries;

    private EmbeddedCollection(
        IrCollection collection, InMemoryVectorStore store, ServingVersion version, IEmbeddingGenerator<string, Embedding<float>> embedder, IReadOnlyList<Embedding<float>> queries) =>
        (_collection, _store, _version, _embedder, _queries) = (collection, store, version, embedder, queries);

    /// <summary>Indexes a collection, title and text of a document together as one passage.</summary>
    public static async Task<EmbeddedCollection> CreateAsync(
        IrCollection collection, PassageIndexOptions options, IEmbeddingGenerator<string, Embedding<float>> embedder)
    {
        var version = new ServingVersion(new CollectionVersion(collection.Name, 1), new CollectionSettings(Model, "auto", options.Dimension));
        var store = new InMemoryVectorStore(new MemoryPassageLog(), options);
        await store.CreateAsync(version.Version, options.Dimension, CancellationToken.None);
        var vectors = await embedder.GenerateAsync(collection.Documents.Select(document => $"{document.Title}\n{document.Text}"));
        foreach (var (document, vector) in collection.Documents.Zip(vectors))
        {
            var passage = new IndexedPassage { DocumentId = document.Id, Ordinal = 0, Title = document.Title, Text = document.Text };
            await store.PutAsync(
                version.Version, new DocumentPassages(new StoredDocument(document.Id, 1, "", 1), [new EmbeddedPassage(passage, vector.Vector)]), CancellationToken.None);
        }

        return new EmbeddedCollection(collection, store, version, embedder, await embedder.GenerateAsync(collection.Queries.Select(query => query.Text)));
    }

    /// <summary>How much the product lets the model count here.</summary>
    /// <returns>The weight of the dense ranking: what the model says itself, or what its trial shows.</returns>
    public async Task<double> WeightAsync()
    {
        if (_embedder.GetService<DenseWeight>() is { } said)
            return said.Value;
        var options = Options.Create(new OrleansChatOptions { Embeddings = new EmbeddingsOptions { CacheTtl = TimeSpan.Zero } });
        var embeddings = new SearchEmbeddings(new OneModel(_embedder), TimeProvider.System, options, new EmbeddingMetrics());
        var trial = await new ModelTrials(_store, embeddings, NullLogger<ModelTrials>.Instance).TryAsync(_version, SearchPayer.System, CancellationToken.None);
        return (trial ?? throw new InvalidOperationException("The model could not be tried.")).DenseWeight;
    }

    /// <summary>The mean nDCG@10 and recall@100 over the judged queries.</summary>
    public async Task<(double Ndcg, double Recall)> MeasureAsync(SearchMode mode, FusionOptions fusion)
    {
        double ndcg = 0, recall = 0;
        foreach (var (query, vector) in _collection.Queries.Zip(_queries))
        {
            var asked = new PassageQuery { Mode = mode, Text = query.Text, Vector = vector.Vector, Limit = 100, Fusion = fusion };
            string[] ranking = [.. (await _store.SearchAsync(_version.Version, asked, CancellationToken.None)).Select(hit => hit.Passage.DocumentId)];
            var grades = _collection.Judgments[query.Id];
            ndcg += RankingQuality.Ndcg(ranking, grades, 10);
            recall += RankingQuality.Recall(ranking, grades, 100);
        }

        return (ndcg / _collection.Queries.Count, recall / _collection.Queries.Count);
    }

    private sealed class OneModel(IEmbeddingGenerator<string, Embedding<float>> embedder) : IUpstreams
    {
        public IChatClient Chat(UpstreamTarget target) => throw new NotSupportedException("The upstream has no chat.");

        public IEmbeddingGenerator<string, Embedding<float>> Embeddings(UpstreamTarget target) => embedder;
    }
}
