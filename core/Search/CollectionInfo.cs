using System.Text.Json.Serialization;

namespace OrleansChat.Core.Search;

/// <summary>How a collection is indexed.</summary>
/// <param name="EmbeddingModel">The embedding model as <c>upstream/model</c>.</param>
/// <param name="Chunker">The chunker's name, or <c>auto</c> to choose by a document's kind and path.</param>
/// <param name="Dimension">The length of the model's vectors.</param>
public sealed record CollectionSettings(string EmbeddingModel, string Chunker, int Dimension);

/// <summary>A collection as it stands.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">The version that answers queries, counted from 1.</param>
/// <param name="EmbeddingModel">The embedding model of that version.</param>
/// <param name="Chunker">The chunker's name.</param>
/// <param name="Documents">Documents indexed.</param>
/// <param name="Chunks">Chunks indexed.</param>
public sealed record CollectionInfo(string Name, int Version, string EmbeddingModel, string Chunker, long Documents, long Chunks);

/// <summary>What a collection answers queries from.</summary>
/// <param name="Version">The version in the store.</param>
/// <param name="Settings">The settings of that version.</param>
public sealed record ServingVersion(Stores.CollectionVersion Version, CollectionSettings Settings)
{
    /// <summary>The last trial of its embedding model; null as long as there was none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Trials.ModelTrial? Trial { get; init; }
}

/// <summary>Permission to change documents of a collection, in an order that every store can tell.</summary>
/// <param name="Serving">What to change.</param>
/// <param name="FirstRevision">The first of the revisions asked for; each is given once and is higher than all given before.</param>
public sealed record IngestionTicket(ServingVersion Serving, long FirstRevision);
