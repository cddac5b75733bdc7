using OrleansChat.Core.Search.Chunking;

namespace OrleansChat.Core.Search.Ingestion;

/// <summary>How documents are indexed.</summary>
public sealed record IngestionOptions
{
    /// <summary>How documents are cut.</summary>
    public ChunkingOptions Chunking { get; init; } = new();

    /// <summary>The most chunks that are embedded by one call; as many calls' are held in memory as are under way, beside those of one large document.</summary>
    /// <value>Default 256; 1 to 1,000.</value>
    public int BatchChunks { get; init; } = 256;
}
