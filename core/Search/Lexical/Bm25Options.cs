using System.ComponentModel.DataAnnotations;

namespace OrleansChat.Core.Search.Lexical;

/// <summary>The two parameters of BM25.</summary>
public sealed record Bm25Options
{
    /// <summary>The default of <see cref="K1"/>.</summary>
    public const double DefaultK1 = 0.9;

    /// <summary>The default of <see cref="B"/>.</summary>
    public const double DefaultB = 0.4;

    /// <summary>How slowly repetitions of a term saturate.</summary>
    /// <value>Default 0.9; 0 (a term counts once) to 10.</value>
    [Range(0d, 10d)]
    public double K1 { get; init; } = DefaultK1;

    /// <summary>How strongly long passages are held against themselves.</summary>
    /// <value>Default 0.4; 0 (not at all) to 1.</value>
    [Range(0d, 1d)]
    public double B { get; init; } = DefaultB;
}
