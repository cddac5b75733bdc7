namespace OrleansChat.Core.Search.Chunking;

/// <summary>Cuts documents of some kind into chunks. Stateless and safe for concurrent use.</summary>
public interface IChunker
{
    /// <summary>The name in a collection's settings.</summary>
    string Name { get; }

    /// <summary>Whether a document is of the kind that this chunker knows.</summary>
    /// <param name="kind">The document's kind, such as <c>markdown</c>, if given.</param>
    /// <param name="extension">Its path's extension in lower case with the dot; empty without a path or extension.</param>
    bool Accepts(string? kind, string extension);

    /// <summary>The chunks of a text, in order. Together they hold all of it but blank space; a blank text has none.</summary>
    /// <param name="text">Any UTF-16, with any line ends.</param>
    /// <param name="options">The sizes.</param>
    IReadOnlyList<Chunk> Split(string text, ChunkingOptions options);
}
