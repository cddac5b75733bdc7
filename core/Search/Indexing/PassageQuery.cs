using OrleansChat.Core.Search.Filters;
using OrleansChat.Core.Search.Ranking;

namespace OrleansChat.Core.Search.Indexing;

/// <summary>A query in whole, so that a store may run it in one request.</summary>
public sealed record PassageQuery
{
    /// <summary>Which rankings to use.</summary>
    /// <value>Default <see cref="SearchMode.Hybrid"/>.</value>
    public SearchMode Mode { get; init; } = SearchMode.Hybrid;

    /// <summary>The words searched for; needed but in <see cref="SearchMode.Dense"/>.</summary>
    public string Text { get; init; } = "";

    /// <summary>The query's embedding, of the passages' dimension and any magnitude; needed but in <see cref="SearchMode.Lexical"/>.</summary>
    public ReadOnlyMemory<float> Vector { get; init; }

    /// <summary>Only passages that pass are ranked.</summary>
    public SearchFilter? Filter { get; init; }

    /// <summary>At most so many hits.</summary>
    /// <value>Default 10; at least 1.</value>
    public int Limit { get; init; } = 10;

    /// <summary>How <see cref="SearchMode.Hybrid"/> joins the two rankings.</summary>
    public FusionOptions Fusion { get; init; } = new();
}
