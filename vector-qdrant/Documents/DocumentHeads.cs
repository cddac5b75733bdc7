using OrleansChat.Core.Search.Stores;
using OrleansChat.Core.Settings;
using OrleansChat.VectorQdrant.Connection;
using OrleansChat.VectorQdrant.Filters;
using OrleansChat.VectorQdrant.Passages;
using Qdrant.Client.Grpc;

namespace OrleansChat.VectorQdrant.Documents;

/// <summary>Reads heads, and writes them on the condition that nothing newer is in place.</summary>
internal sealed class DocumentHeads(QdrantConnection qdrant, QdrantOptions options, TimeProvider time)
{
    private const int BatchSize = 1_000;

    /// <summary>The heads there are, of deleted documents too, by document id.</summary>
    public async Task<Dictionary<string, DocumentHead>> FindAsync(
        string collection, IEnumerable<string> documentIds, CancellationToken cancellationToken)
    {
        var heads = new Dictionary<string, DocumentHead>(StringComparer.Ordinal);
        foreach (var batch in documentIds.Distinct(StringComparer.Ordinal).Chunk(BatchSize))
        {
            var request = new GetPoints
            {
                CollectionName = collection,
                Ids = { batch.Select(PointIds.Head) },
                WithPayload = new WithPayloadSelector { Enable = true },
                ReadConsistency = Replication.Read(options),
            };
            var found = await qdrant.CallAsync((client, call) => client.Points.GetAsync(request, call), cancellationToken);
            foreach (var head in found.Result.Select(point => DocumentHead.Read(point.Payload)))
                heads[head.Document.Id] = head;
        }

        return heads;
    }

    /// <summary>The heads of documents, in the order of their points' ids.</summary>
    public async Task<DocumentPage> ListAsync(string collection, string? cursor, int limit, CancellationToken cancellationToken)
    {
        var (heads, next) = await ScrollAsync(collection, PayloadKeys.Head, cursor, limit, cancellationToken);
        return new DocumentPage([.. heads.Select(head => head.Document)], next);
    }

    /// <summary>The heads of deleted documents, in the order of their points' ids.</summary>
    public async Task<DeletionPage> ListDeletionsAsync(string collection, string? cursor, int limit, CancellationToken cancellationToken)
    {
        var (heads, next) = await ScrollAsync(collection, PayloadKeys.Deletion, cursor, limit, cancellationToken);
        return new DeletionPage([.. heads.Select(head => new DocumentDeletion(head.Document.Id, head.Document.Revision))], next);
    }

    /// <summary>Writes a head unless there is one with a higher revision; Qdrant decides that in one step.</summary>
    public async Task WriteAsync(string collection, DocumentHead head, CancellationToken cancellationToken)
    {
        var request = new UpsertPoints
        {
            CollectionName = collection,
            Points = { head.Write(time.GetUtcNow()) },
            Wait = true,
            Ordering = Replication.Write(options),
            UpdateFilter = new Filter
            {
                Must = { FilterTranslation.Number(PayloadKeys.Revision, new Qdrant.Client.Grpc.Range { Lte = head.Document.Revision }) },
            },
        };
        await qdrant.CallAsync((client, call) => client.Points.UpsertAsync(request, call), cancellationToken);
    }

    private async Task<(IEnumerable<DocumentHead> Heads, string? Next)> ScrollAsync(
        string collection, string type, string? cursor, int limit, CancellationToken cancellationToken)
    {
        var request = new ScrollPoints
        {
            CollectionName = collection,
            Filter = new Filter { Must = { FilterTranslation.Keyword(PayloadKeys.Type, type) } },
            Limit = (uint)limit,
            WithPayload = new WithPayloadSelector { Enable = true },
            ReadConsistency = Replication.Read(options),
        };
        if (cursor is not null)
            request.Offset = new PointId { Uuid = cursor };
        var page = await qdrant.CallAsync((client, call) => client.Points.ScrollAsync(request, call), cancellationToken);
        return (page.Result.Select(point => DocumentHead.Read(point.Payload)), page.NextPageOffset?.Uuid);
    }
}
