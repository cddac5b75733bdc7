using System.ComponentModel.DataAnnotations;

namespace OrleansChat.Providers.Builtin;

/// <summary>How <see cref="HashingEmbeddingGenerator"/> makes vectors.</summary>
public sealed record HashingEmbeddingOptions
{
    /// <summary>The default of <see cref="Dimensions"/>.</summary>
    public const int DefaultDimensions = 384;

    /// <summary>The length of the vectors.</summary>
    /// <value>Default 384; 16 to 65,536.</value>
    [Range(16, 65_536)]
    public int Dimensions { get; init; } = DefaultDimensions;

    /// <summary>The length of character n-grams, in UTF-16 code units including the word's ends.</summary>
    /// <value>Default 4; 2 to 16.</value>
    [Range(2, 16)]
    public int NgramLength { get; init; } = 4;

    /// <summary>What each n-gram of a word weighs, where the word itself weighs the square root of its length.</summary>
    /// <value>Default 1; 0 (no n-grams) to 10.</value>
    [Range(0d, 10d)]
    public double NgramWeight { get; init; } = 1;
}
