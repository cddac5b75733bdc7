using Google.Protobuf.Collections;
using OrleansChat.Core.Search.Stores;
using OrleansChat.VectorQdrant.Passages;
using Qdrant.Client.Grpc;

namespace OrleansChat.VectorQdrant.Documents;

/// <summary>
/// The one point that decides what a document is: the revision in place, or that it is deleted. Passages of any other revision are not
/// seen.
/// </summary>
/// <param name="Document">The document; of a deleted one only id and revision count.</param>
/// <param name="IsDeleted">Whether the revision is a deletion.</param>
internal sealed record DocumentHead(StoredDocument Document, bool IsDeleted)
{
    /// <summary>The head as a point, without vectors, so that no search finds it.</summary>
    /// <param name="deletedAt">When it was deleted; not used of a living one.</param>
    public PointStruct Write(DateTimeOffset deletedAt)
    {
        var point = new PointStruct
        {
            Id = PointIds.Head(Document.Id),
            Vectors = new Vectors { Vectors_ = new NamedVectors() },
            Payload =
            {
                [PayloadKeys.Type] = IsDeleted ? PayloadKeys.Deletion : PayloadKeys.Head,
                [PayloadKeys.Document] = Document.Id,
                [PayloadKeys.Revision] = Document.Revision,
            },
        };
        if (IsDeleted)
        {
            point.Payload[PayloadKeys.DeletedAt] = deletedAt.ToUnixTimeSeconds();
        }
        else
        {
            point.Payload[PayloadKeys.Hash] = Document.ContentHash;
            point.Payload[PayloadKeys.Chunks] = Document.Chunks;
            if (Document.Origin is { } origin)
                point.Payload[PayloadKeys.Origin] = origin;
        }

        return point;
    }

    /// <summary>The head in a payload.</summary>
    public static DocumentHead Read(MapField<string, Value> payload)
    {
        var (id, revision) = (payload[PayloadKeys.Document].StringValue, payload[PayloadKeys.Revision].IntegerValue);
        return payload[PayloadKeys.Type].StringValue == PayloadKeys.Deletion
            ? new DocumentHead(new StoredDocument(id, revision, "", 0), IsDeleted: true)
            : new DocumentHead(
                new StoredDocument(
                    id,
                    revision,
                    payload[PayloadKeys.Hash].StringValue,
                    (int)payload[PayloadKeys.Chunks].IntegerValue,
                    payload.GetValueOrDefault(PayloadKeys.Origin)?.StringValue),
                IsDeleted: false);
    }
}
