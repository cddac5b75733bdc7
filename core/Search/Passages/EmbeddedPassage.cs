namespace OrleansChat.Core.Search.Passages;

/// <summary>A passage with its embedding.</summary>
/// <param name="Passage">The passage.</param>
/// <param name="Vector">The embedding, of the dimension of the collection and of any magnitude; empty in a collection without embeddings.</param>
public readonly record struct EmbeddedPassage(IndexedPassage Passage, ReadOnlyMemory<float> Vector);
