namespace OrleansChat.Core.Search.Dense;

/// <summary>How an index in memory looks through its vectors.</summary>
public enum VectorPrecision
{
    /// <summary>
    /// All vectors as single-byte numbers, the best of them once more in full precision: a byte a dimension in memory. The vectors themselves are
    /// where the texts are.
    /// </summary>
    Quantized,

    /// <summary>All vectors in full precision: four bytes a dimension in memory, and exact in every case.</summary>
    Full,
}
