using OrleansChat.Core.Settings;
using OrleansChat.VectorQdrant.Passages;
using Qdrant.Client.Grpc;

namespace OrleansChat.VectorQdrant.Collections;

/// <summary>What a version's collection looks like: two named vectors and the payload indexes that filters and changes need.</summary>
internal static class CollectionSchema
{
    /// <summary>The indexed parts of the payload.</summary>
    public static IReadOnlyList<(string Field, FieldType Type)> Indexes { get; } =
    [
        (PayloadKeys.Type, FieldType.Keyword),
        (PayloadKeys.Document, FieldType.Keyword),
        (PayloadKeys.Revision, FieldType.Integer),
        (PayloadKeys.DeletedAt, FieldType.Integer),
        (PayloadKeys.Facts, FieldType.Keyword),
        ($"{PayloadKeys.Fields}[].{PayloadKeys.FieldName}", FieldType.Keyword),
        ($"{PayloadKeys.Fields}[].{PayloadKeys.FieldNumber}", FieldType.Float),
        ($"{PayloadKeys.Fields}[].{PayloadKeys.FieldPiece}0", FieldType.Float),
    ];

    /// <summary>The order to create a collection.</summary>
    public static CreateCollection Create(string name, int dimension, QdrantOptions options) => new()
    {
        CollectionName = name,
        ShardNumber = (uint)options.Shards,
        ReplicationFactor = (uint)options.Replicas,
        WriteConsistencyFactor = (uint)(options.Replicas / 2 + 1),
        VectorsConfig = new VectorsConfig
        {
            ParamsMap = new VectorParamsMap
            {
                Map = { [PayloadKeys.Dense] = new VectorParams { Size = (ulong)dimension, Distance = Distance.Cosine } },
            },
        },
        SparseVectorsConfig = new SparseVectorConfig
        {
            Map = { [PayloadKeys.Words] = new SparseVectorParams { Modifier = Modifier.Idf } },
        },
    };

    /// <summary>The order to index a part of the payload; repeating it changes nothing.</summary>
    public static CreateFieldIndexCollection Index(string name, string field, FieldType type) => new()
    {
        CollectionName = name,
        FieldName = field,
        FieldType = type,
        Wait = true,
    };
}
