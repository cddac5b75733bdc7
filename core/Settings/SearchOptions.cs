using System.ComponentModel.DataAnnotations;
using OrleansChat.Core.Search.Dense;

namespace OrleansChat.Core.Settings;

/// <summary>How searches are answered.</summary>
public sealed record SearchOptions
{
    /// <summary>The model that orders hits anew for searches with <c>"rerank": true</c>, as <c>upstream/model</c>.</summary>
    /// <value>The default is none: such searches are refused.</value>
    public string? RerankModel { get; init; }

    /// <summary>The price of a million tokens that it reads, question and texts together, in US dollars.</summary>
    [Range(0d, 1_000_000d)]
    public decimal RerankUsdPerMillion { get; init; }

    /// <summary>How many of the best hits it orders; never fewer than are asked for.</summary>
    /// <value>The default is 50; 1 to 1,000.</value>
    [Range(1, 1_000)]
    public int RerankCandidates { get; init; } = 50;

    /// <summary>How vectors in memory are looked through. On a cluster they are in Qdrant.</summary>
    /// <value>The default is <c>Quantized</c>.</value>
    public VectorPrecision VectorPrecision { get; init; } = VectorPrecision.Quantized;
}
