namespace OrleansChat.Core.Search;

/// <summary>How a collection is indexed.</summary>
/// <param name="EmbeddingModel">The embedding model as <c>upstream/model</c>.</param>
/// <param name="Chunker">The chunker's name, or <c>auto</c> to choose by a document's kind and path.</param>
public sealed record CollectionSettings(string EmbeddingModel, string Chunker);

/// <summary>A collection as it stands.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">The version that answers queries, counted from 1.</param>
/// <param name="EmbeddingModel">The embedding model of that version.</param>
/// <param name="Chunker">The chunker's name.</param>
/// <param name="Documents">Documents indexed.</param>
/// <param name="Chunks">Chunks indexed.</param>
public sealed record CollectionInfo(string Name, int Version, string EmbeddingModel, string Chunker, long Documents, long Chunks);
