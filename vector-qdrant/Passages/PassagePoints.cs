using OrleansChat.Core.Search.Passages;
using OrleansChat.Core.Search.Stores;
using OrleansChat.Core.Settings;
using OrleansChat.VectorQdrant.Connection;
using OrleansChat.VectorQdrant.Filters;
using Qdrant.Client.Grpc;

namespace OrleansChat.VectorQdrant.Passages;

/// <summary>Uploads the passages of a revision and removes those of others.</summary>
internal sealed class PassagePoints(QdrantConnection qdrant, QdrantOptions options, TimeProvider time)
{
    /// <summary>
    /// Uploads a document's passages in batches, each applied when the call returns. No reader shows them before the head names them.
    /// </summary>
    public async Task UploadAsync(string collection, DocumentPassages document, CancellationToken cancellationToken)
    {
        foreach (var batch in document.Passages.Chunk(options.BatchPassages))
        {
            var request = new UpsertPoints
            {
                CollectionName = collection,
                Points = { batch.Select(passage => PassagePoint.Write(passage, document.Document.Revision)) },
                Wait = true,
                Ordering = Replication.Write(options),
            };
            await qdrant.CallAsync((client, call) => client.Points.UpsertAsync(request, call), cancellationToken);
        }
    }

    /// <summary>The passages of one revision of a document, in order.</summary>
    public async Task<IReadOnlyList<EmbeddedPassage>> ReadAsync(string collection, string documentId, long revision, CancellationToken cancellationToken)
    {
        var passages = new List<EmbeddedPassage>();
        var request = new ScrollPoints
        {
            CollectionName = collection,
            Filter = new Filter { Must = { Superseded(documentId, new Qdrant.Client.Grpc.Range { Lte = revision, Gte = revision }) } },
            Limit = (uint)options.BatchPassages,
            WithPayload = PassagePoint.Parts,
            WithVectors = new WithVectorsSelector { Include = new VectorsSelector { Names = { PayloadKeys.Dense } } },
            ReadConsistency = Replication.Read(options),
        };
        do
        {
            var page = await qdrant.CallAsync((client, call) => client.Points.ScrollAsync(request, call), cancellationToken);
            passages.AddRange(page.Result.Select(PassagePoint.ReadEmbedded));
            request.Offset = page.NextPageOffset;
        }
        while (request.Offset is not null);
        return [.. passages.OrderBy(passage => passage.Passage.Ordinal)];
    }

    /// <summary>Removes a document's passages of revisions in a range.</summary>
    public Task RemoveAsync(string collection, string documentId, Qdrant.Client.Grpc.Range revisions) =>
        DeleteAsync(collection, Superseded(documentId, revisions));

    /// <summary>
    /// Removes a document's passages up to a revision, and deletions too old for an upload from before them to be under way.
    /// </summary>
    public Task RemoveDeletedAsync(string collection, string documentId, long revision)
    {
        var forgotten = (time.GetUtcNow() - options.DeletionMemory).ToUnixTimeSeconds();
        return DeleteAsync(collection, FilterTranslation.Any(
        [
            Superseded(documentId, new Qdrant.Client.Grpc.Range { Lte = revision }),
            FilterTranslation.All(
            [
                FilterTranslation.Keyword(PayloadKeys.Type, PayloadKeys.Deletion),
                FilterTranslation.Number(PayloadKeys.DeletedAt, new Qdrant.Client.Grpc.Range { Lt = forgotten }),
            ]),
        ]));
    }

    private static Condition Superseded(string documentId, Qdrant.Client.Grpc.Range revisions) => FilterTranslation.All(
    [
        FilterTranslation.Keyword(PayloadKeys.Type, PayloadKeys.Passage),
        FilterTranslation.Keyword(PayloadKeys.Document, documentId),
        FilterTranslation.Number(PayloadKeys.Revision, revisions),
    ]);

    // What is removed is no longer seen, so its removal does not end with the caller's patience.
    private async Task DeleteAsync(string collection, Condition condition)
    {
        var request = new DeletePoints
        {
            CollectionName = collection,
            Points = new PointsSelector { Filter = new Filter { Must = { condition } } },
            Wait = true,
            Ordering = Replication.Write(options),
        };
        await qdrant.CallAsync((client, call) => client.Points.DeleteAsync(request, call), CancellationToken.None);
    }
}
