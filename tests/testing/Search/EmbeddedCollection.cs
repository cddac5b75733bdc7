using Microsoft.Extensions.AI;
using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Search.Passages;
using OrleansChat.Core.Search.Ranking;
using OrleansChat.Core.Search.Trials;

namespace OrleansChat.Testing.Search;

/// <summary>A test collection in an index, one passage per document, with its queries embedded.</summary>
public sealed class EmbeddedCollection(IrCollection collection, PassageIndex index, IReadOnlyList<Embedding<float>> queries)
{
    private const int TrialDocuments = 48;

    /// <summary>Indexes a collection, title and text of a document together as one passage.</summary>
    public static async Task<EmbeddedCollection> CreateAsync(
        IrCollection collection, PassageIndexOptions options, IEmbeddingGenerator<string, Embedding<float>> embedder)
    {
        var index = new PassageIndex(options);
        var vectors = await embedder.GenerateAsync(collection.Documents.Select(document => $"{document.Title}\n{document.Text}"));
        foreach (var (document, vector) in collection.Documents.Zip(vectors))
        {
            var passage = new IndexedPassage { DocumentId = document.Id, Ordinal = 0, Title = document.Title, Text = document.Text };
            index.Replace(document.Id, [new EmbeddedPassage(passage, vector.Vector)]);
        }

        return new EmbeddedCollection(collection, index, await embedder.GenerateAsync(collection.Queries.Select(query => query.Text)));
    }

    /// <summary>The weight that the product would give a model for this collection, had it indexed it.</summary>
    /// <param name="embedder">The model.</param>
    /// <returns>The weight of the dense ranking.</returns>
    public async Task<double> TryAsync(IEmbeddingGenerator<string, Embedding<float>> embedder)
    {
        var asked = collection.Documents.OrderBy(document => document.Id, StringComparer.Ordinal).Take(TrialDocuments)
            .Select(document => (document.Id, Question: TrialQuestion.For(document.Text)))
            .Where(sample => sample.Question is not null)
            .ToArray();
        var score = new TrialScore();
        foreach (var ((id, question), vector) in asked.Zip(await embedder.GenerateAsync(asked.Select(sample => sample.Question!))))
        {
            score.Add(
                Rank(new PassageQuery { Mode = SearchMode.Dense, Vector = vector.Vector, Limit = TrialScore.Depth }, id),
                Rank(new PassageQuery { Mode = SearchMode.Lexical, Text = question!, Limit = TrialScore.Depth }, id));
        }

        return score.Weight ?? ModelTrial.UntriedWeight;
    }

    private int? Rank(PassageQuery query, string id) =>
        index.Search(query).Index().Where(hit => hit.Item.Passage.DocumentId == id).Select(hit => (int?)hit.Index + 1).FirstOrDefault();

    /// <summary>The mean nDCG@10 and recall@100 over the judged queries.</summary>
    public (double Ndcg, double Recall) Measure(SearchMode mode, FusionOptions fusion)
    {
        double ndcg = 0, recall = 0;
        foreach (var (query, vector) in collection.Queries.Zip(queries))
        {
            var hits = index.Search(new PassageQuery { Mode = mode, Text = query.Text, Vector = vector.Vector, Limit = 100, Fusion = fusion });
            string[] ranking = [.. hits.Select(hit => hit.Passage.DocumentId)];
            var grades = collection.Judgments[query.Id];
            ndcg += RankingQuality.Ndcg(ranking, grades, 10);
            recall += RankingQuality.Recall(ranking, grades, 100);
        }

        return (ndcg / collection.Queries.Count, recall / collection.Queries.Count);
    }
}
