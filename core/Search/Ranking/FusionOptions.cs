using System.ComponentModel.DataAnnotations;

namespace OrleansChat.Core.Search.Ranking;

/// <summary>How lexical and dense rankings become one.</summary>
public sealed record FusionOptions
{
    /// <summary>The default of <see cref="K"/>, from the paper that introduced the method.</summary>
    public const double DefaultK = 60;

    /// <summary>The default of <see cref="Candidates"/>.</summary>
    public const int DefaultCandidates = 100;

    /// <summary>How strongly the first ranks stand out: the smaller, the more.</summary>
    /// <value>Default 60; 0 to 10,000.</value>
    [Range(0d, 10_000d)]
    public double K { get; init; } = DefaultK;

    /// <summary>The weight of the lexical ranking.</summary>
    /// <value>Default 1; 0 to 100.</value>
    [Range(0d, 100d)]
    public double LexicalWeight { get; init; } = 1;

    /// <summary>
    /// The weight of the dense ranking. Below (K + 1) / (K + Candidates) of the lexical weight, 0.38 by default, it reorders what the words
    /// found and adds to its end, but pushes none of it out.
    /// </summary>
    /// <value>Default 1, for a model that knows meaning; 0 to 100.</value>
    [Range(0d, 100d)]
    public double DenseWeight { get; init; } = 1;

    /// <summary>How many passages each ranking contributes; never fewer than the hits asked for.</summary>
    /// <value>Default 100; 1 to 10,000.</value>
    [Range(1, 10_000)]
    public int Candidates { get; init; } = DefaultCandidates;
}
