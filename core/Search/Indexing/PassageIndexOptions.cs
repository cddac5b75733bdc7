using OrleansChat.Core.Search.Analysis;
using OrleansChat.Core.Search.Lexical;

namespace OrleansChat.Core.Search.Indexing;

/// <summary>How an index in memory treats its passages.</summary>
public sealed record PassageIndexOptions
{
    /// <summary>The length of every vector.</summary>
    /// <value>Default 0: passages have no vectors, and only lexical search works.</value>
    public int Dimension { get; init; }

    /// <summary>Turns passages and queries into terms.</summary>
    /// <value>Default <see cref="EnglishAnalyzer"/>.</value>
    public ITextAnalyzer Analyzer { get; init; } = EnglishAnalyzer.Instance;

    /// <summary>The parameters of lexical ranking.</summary>
    public Bm25Options Bm25 { get; init; } = new();
}
