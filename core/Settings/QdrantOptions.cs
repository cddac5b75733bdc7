using System.ComponentModel.DataAnnotations;

namespace OrleansChat.Core.Settings;

/// <summary>The Qdrant server that keeps passages on a cluster; standalone keeps them in its journal and does not read this.</summary>
public sealed record QdrantOptions
{
    /// <summary>The address of a server on this machine.</summary>
    public const string DefaultUrl = "http://127.0.0.1:6334";

    /// <summary>The address of the server's gRPC interface.</summary>
    /// <value>The default is <c>http://127.0.0.1:6334</c>.</value>
    public string Url { get; init; } = DefaultUrl;

    /// <summary>Its key: <c>env:NAME</c>, <c>file:/path</c> or the key itself; null for none.</summary>
    public string? ApiKey { get; init; }

    /// <summary>What the names of this product's collections begin with, where several products share a server.</summary>
    /// <value>Letters, digits, '.', '_' and '-', at most 64; the default is <c>orleanschat-</c>.</value>
    public string CollectionPrefix { get; init; } = "orleanschat-";

    /// <summary>How long a call may take.</summary>
    /// <value>The default is 10 seconds; 100 milliseconds to 5 minutes.</value>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Passages sent in one call.</summary>
    /// <value>The default is 100.</value>
    [Range(1, 1_000)]
    public int BatchPassages { get; init; } = 100;

    /// <summary>
    /// Shards of a new collection. With more than one, word weights and weighted ranks are counted in each shard by itself.
    /// </summary>
    /// <value>The default is 1.</value>
    [Range(1, 64)]
    public int Shards { get; init; } = 1;

    /// <summary>Copies of each shard of a new collection. With more than one, reads and writes wait for most of them.</summary>
    /// <value>The default is 1.</value>
    [Range(1, 9)]
    public int Replicas { get; init; } = 1;

    /// <summary>How many passages a similarity search looks at; more find more of the true neighbours and take longer.</summary>
    /// <value>The default is 128.</value>
    [Range(16, 4_096)]
    public int SearchBreadth { get; init; } = 128;

    /// <summary>
    /// How long an uploaded document waits before it is seen. A search that takes less sees every document in whole at the first try; one
    /// that takes longer is repeated until nothing changed meanwhile, four times at most.
    /// </summary>
    /// <value>The default is 250 milliseconds; 10 milliseconds to 10 seconds.</value>
    public TimeSpan CommitDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a deletion is remembered, to refuse older uploads that are still under way.</summary>
    /// <value>The default is 1 day; 1 hour to 30 days.</value>
    public TimeSpan DeletionMemory { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Its name alone: a record would print its secret.</summary>
    /// <returns>The name.</returns>
    public override string ToString() => $"Qdrant at {Url}";
}
