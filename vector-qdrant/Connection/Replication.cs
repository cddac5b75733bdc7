using OrleansChat.Core.Settings;
using Qdrant.Client.Grpc;

namespace OrleansChat.VectorQdrant.Connection;

/// <summary>
/// What calls ask of copies. With one copy of a shard, whatever was acknowledged is seen by the next read. With several, writes reach most
/// of them in one order and reads ask most of them, so that every read meets a copy with the last write.
/// </summary>
internal static class Replication
{
    /// <summary>What reads ask for; null for nothing.</summary>
    public static ReadConsistency? Read(QdrantOptions options) =>
        options.Replicas == 1 ? null : new ReadConsistency { Type = ReadConsistencyType.Majority };

    /// <summary>What writes ask for; null for nothing.</summary>
    public static WriteOrdering? Write(QdrantOptions options) =>
        options.Replicas == 1 ? null : new WriteOrdering { Type = WriteOrderingType.Strong };
}
