using OrleansChat.Core.Search.Analysis;
using OrleansChat.Core.Search.Dense;
using OrleansChat.Core.Search.Lexical;
using OrleansChat.Core.Search.Rows;

namespace OrleansChat.Core.Search.Indexing;

/// <summary>How an index in memory treats its passages.</summary>
public sealed record PassageIndexOptions
{
    /// <summary>The length of every vector.</summary>
    /// <value>Default 0: passages have no vectors, and only lexical search works.</value>
    public int Dimension { get; init; }

    /// <summary>How vectors are looked through.</summary>
    /// <value>Default <see cref="VectorPrecision.Full"/>.</value>
    public VectorPrecision Precision { get; init; } = VectorPrecision.Full;

    /// <summary>Where texts are, and full vectors beside <see cref="VectorPrecision.Quantized"/>.</summary>
    /// <value>Default memory.</value>
    public IByteStores Stores { get; init; } = MemoryBytes.Stores;

    /// <summary>Turns passages and queries into terms.</summary>
    /// <value>Default <see cref="EnglishAnalyzer"/>.</value>
    public ITextAnalyzer Analyzer { get; init; } = EnglishAnalyzer.Instance;

    /// <summary>The parameters of lexical ranking.</summary>
    public Bm25Options Bm25 { get; init; } = new();
}
