using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Search.Passages;
using OrleansChat.Core.Settings;
using OrleansChat.VectorQdrant.Connection;
using OrleansChat.VectorQdrant.Documents;
using OrleansChat.VectorQdrant.Passages;
using Qdrant.Client.Grpc;

namespace OrleansChat.VectorQdrant.Querying;

/// <summary>
/// Searches, and shows only passages of the revision that their document's head names. The heads are read after the passages. A writer
/// waits <see cref="QdrantOptions.CommitDelay"/> between the upload of a document and its head, and removes what went before only after
/// that, so if the two reads together take less, every revision that a head names was complete when the search began: a document is found
/// in whole, old or new. If they take longer, the search is repeated until two rounds in a row meet the same heads, which then held all
/// through the second.
/// </summary>
internal sealed class PassageReader(QdrantConnection qdrant, DocumentHeads heads, QdrantOptions options, TimeProvider time)
{
    private const int MaxRounds = 4;

    /// <summary>The best passages in place, best first; of equal scores in order of their ids.</summary>
    public async Task<IReadOnlyList<RankedPassage>> SearchAsync(string collection, PassageQuery query, CancellationToken cancellationToken)
    {
        var queries = new SearchQueries(collection, query, options);
        if (queries.IsEmpty)
            return [];

        var unwanted = new Dictionary<PointId, Found>();
        Dictionary<string, long>? before = null;
        for (var round = 1; ; round++)
        {
            var start = time.GetTimestamp();
            var request = queries.Find(query.Limit, unwanted.Keys);
            var found = (await qdrant.CallAsync((client, call) => client.Points.QueryAsync(request, call), cancellationToken)).Result;
            var passages = found.Select(Found.Read).ToArray();
            var explaining = ExplainAsync(queries, found, cancellationToken);
            var documents = passages.Concat(unwanted.Values).Select(passage => passage.Passage.DocumentId);
            var inPlace = await heads.FindAsync(collection, documents, cancellationToken);
            var answer = await explaining;

            var visible = passages.Where(IsInPlace).ToArray();
            var revisions = inPlace.ToDictionary(head => head.Key, head => head.Value.Document.Revision, StringComparer.Ordinal);
            var isSteady = time.GetElapsedTime(start) < options.CommitDelay || (before is not null && AreEqual(before, revisions));
            var lacksHits = visible.Length < passages.Length && passages.Length == query.Limit;
            var lacksUnwanted = unwanted.Values.Any(IsInPlace);
            if (round == MaxRounds || (isSteady && !lacksHits && !lacksUnwanted))
                return Rank(queries, query, visible, answer);

            // Passages that are not in place take places of others, but a head may come to name them.
            unwanted = unwanted.Values.Concat(passages).Where(passage => !IsInPlace(passage)).DistinctBy(passage => passage.Point)
                .ToDictionary(passage => passage.Point);
            before = revisions;

            bool IsInPlace(Found passage) => passage.IsOf(inPlace.GetValueOrDefault(passage.Passage.DocumentId));
        }
    }

    private async Task<QueryBatchResponse?> ExplainAsync(
        SearchQueries queries, IReadOnlyCollection<ScoredPoint> found, CancellationToken cancellationToken) =>
        queries.Explain([.. found.Select(point => point.Id)]) is { } request
            ? await qdrant.CallAsync((client, call) => client.Points.QueryBatchAsync(request, call), cancellationToken)
            : null;

    private static IReadOnlyList<RankedPassage> Rank(
        SearchQueries queries, PassageQuery query, IEnumerable<Found> visible, QueryBatchResponse? answer)
    {
        var (lexical, dense) = answer is null ? ([], []) : queries.Scores(answer);
        var ranked = visible.Select(passage => new RankedPassage(passage.Passage, query.Mode switch
        {
            SearchMode.Lexical => new PassageScores(Lexical: passage.Score),
            SearchMode.Dense => new PassageScores(Dense: passage.Score),
            _ => new PassageScores(Score(lexical, passage.Point), Score(dense, passage.Point), passage.Score * queries.Scale),
        }));
        return [.. ranked.OrderByDescending(hit => hit.Scores.Final).ThenBy(hit => hit.Passage.ChunkId, StringComparer.Ordinal)];
    }

    private static bool AreEqual(Dictionary<string, long> before, Dictionary<string, long> now) =>
        before.Count == now.Count && now.All(head => before.TryGetValue(head.Key, out var revision) && revision == head.Value);

    private static double? Score(Dictionary<PointId, double> scores, PointId point) =>
        scores.TryGetValue(point, out var score) ? score : null;

    private sealed record Found(PointId Point, IndexedPassage Passage, long Revision, double Score)
    {
        public static Found Read(ScoredPoint point)
        {
            var (passage, revision) = PassagePoint.Read(point);
            return new Found(point.Id, passage, revision, point.Score);
        }

        public bool IsOf(DocumentHead? head) => head is { IsDeleted: false } && head.Document.Revision == Revision;
    }
}
