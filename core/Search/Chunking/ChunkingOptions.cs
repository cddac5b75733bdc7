using System.ComponentModel.DataAnnotations;

namespace OrleansChat.Core.Search.Chunking;

/// <summary>The sizes of chunks, in tokens as <see cref="TokenEstimate"/> counts them.</summary>
public sealed record ChunkingOptions
{
    /// <summary>A chunk ends at the first paragraph boundary from this size on.</summary>
    /// <value>Default 256; 16 to 8,192.</value>
    [Range(16, 8_192)]
    public int TargetTokens { get; init; } = 256;

    /// <summary>No chunk is longer; a code block or table is kept whole up to this size. Not below <see cref="TargetTokens"/>.</summary>
    /// <value>Default 512; 16 to 8,192.</value>
    [Range(16, 8_192)]
    public int MaxTokens { get; init; } = 512;

    /// <summary>How much of the end of a chunk the next one of the same section repeats. Below <see cref="TargetTokens"/>.</summary>
    /// <value>Default 32; 0 to 4,096.</value>
    [Range(0, 4_096)]
    public int OverlapTokens { get; init; } = 32;
}
