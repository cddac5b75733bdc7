using System.Text.Json.Serialization;
using OrleansChat.Core.Search.Passages;

namespace OrleansChat.Core.Search.Indexing;

/// <summary>A passage that a query found.</summary>
/// <param name="Passage">The passage.</param>
/// <param name="Scores">What put it where it is.</param>
public sealed record RankedPassage(IndexedPassage Passage, PassageScores Scores);

/// <summary>A hit's scores; a ranking that was not asked, or did not have the passage among its candidates, gives none.</summary>
/// <param name="Lexical">BM25, above 0.</param>
/// <param name="Dense">Cosine similarity, -1 to 1.</param>
/// <param name="Fused">The sum of weighted reciprocal ranks.</param>
public sealed record PassageScores(double? Lexical = null, double? Dense = null, double? Fused = null)
{
    /// <summary>What was added for phrases and paths that the query insists on; null for nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Boost { get; init; }

    /// <summary>What the reranking model gave it; null where none was asked.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Reranked { get; init; }

    /// <summary>The score that orders the hits.</summary>
    public double Final => Reranked ?? Fused ?? Lexical ?? Dense ?? 0;
}
