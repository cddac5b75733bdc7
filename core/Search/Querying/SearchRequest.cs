using System.Text.Json.Serialization;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Code;
using OrleansChat.Core.Search.Filters;
using OrleansChat.Core.Search.Indexing;
using OrleansChat.Core.Search.Metering;
using OrleansChat.Core.Search.Passages;

namespace OrleansChat.Core.Search.Querying;

/// <summary>A search in one collection.</summary>
public sealed record SearchRequest
{
    /// <summary>The most hits of one search.</summary>
    public const int MaxLimit = 100;

    /// <summary>The longest query, in UTF-16 code units.</summary>
    public const int MaxQuery = 16_384;

    /// <summary>What is asked.</summary>
    public required string Query { get; init; }

    /// <summary>The collection's name.</summary>
    public required string Collection { get; init; }

    /// <summary>At most so many hits.</summary>
    /// <value>Default 10; 1 to 100.</value>
    public int Limit { get; init; } = 10;

    /// <summary>Which rankings answer.</summary>
    public SearchMode Mode { get; init; } = SearchMode.Hybrid;

    /// <summary>Whether hits tell where their text has words of the query.</summary>
    public bool Highlight { get; init; }

    /// <summary>Whether hits tell how their scores came about.</summary>
    public bool Explain { get; init; }

    /// <summary>Whether the best hits are ordered anew by the configured reranking model.</summary>
    public bool Rerank { get; init; }

    /// <summary>Who pays for the models that the search asks.</summary>
    public SearchPayer Payer { get; init; } = SearchPayer.System;

    /// <summary>Only passages that pass are ranked.</summary>
    public SearchFilter? Filter { get; init; }
}

/// <summary>What a search found.</summary>
/// <param name="Hits">The passages, best first.</param>
/// <param name="Degraded">Whether only the words were searched, or hits kept their order, because a model failed or a limit or budget refused its call.</param>
/// <param name="Cause">Why it is degraded; null when it is not.</param>
/// <param name="TookMs">How long it took, in milliseconds.</param>
public sealed record SearchAnswer(IReadOnlyList<SearchHit> Hits, bool Degraded, Problem? Cause, double TookMs)
{
    /// <summary>The fallbacks that made it degraded, by the names that health and metrics use; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Fallbacks { get; init; }

    /// <summary>One answer of several collections' hits; degraded if any is.</summary>
    /// <param name="hits">The hits.</param>
    /// <param name="answers">The answers that they are from.</param>
    /// <returns>The answer.</returns>
    public static SearchAnswer Of(IReadOnlyList<SearchHit> hits, IReadOnlyList<SearchAnswer> answers)
    {
        var degraded = answers.FirstOrDefault(answer => answer.Degraded);
        return new SearchAnswer(hits, degraded is not null, degraded?.Cause, answers.Select(answer => answer.TookMs).DefaultIfEmpty().Max())
        {
            Fallbacks = Health.Fallbacks.Told(answers.SelectMany(answer => answer.Fallbacks ?? [])),
        };
    }
}

/// <summary>A passage that was found.</summary>
public sealed record SearchHit
{
    /// <summary>Its document.</summary>
    public required string DocumentId { get; init; }

    /// <summary>Its own id.</summary>
    public required string ChunkId { get; init; }

    /// <summary>What orders the hits; comparable within one answer only.</summary>
    public required double Score { get; init; }

    /// <summary>What the score is made of.</summary>
    public required PassageScores Scores { get; init; }

    /// <summary>Its text.</summary>
    public required string Text { get; init; }

    /// <summary>The document's title and the headings above it.</summary>
    public string? Title { get; init; }

    /// <summary>The document's path.</summary>
    public string? Path { get; init; }

    /// <summary>Its first line, from 1.</summary>
    public int? StartLine { get; init; }

    /// <summary>Its last line, inclusive.</summary>
    public int? EndLine { get; init; }

    /// <summary>Where the text has words of the query; null where that was not asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<TextRange>? Highlights { get; init; }

    /// <summary>How the score came about; null where that was not asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public HitExplanation? Explanation { get; init; }

    /// <summary>What it is as source code; null for other text.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CodeSymbol? Code { get; init; }

    /// <summary>The document's metadata.</summary>
    public required IReadOnlyDictionary<string, MetadataValue> Metadata { get; init; }

    internal static SearchHit Of(RankedPassage ranked) => new()
    {
        DocumentId = ranked.Passage.DocumentId,
        ChunkId = ranked.Passage.ChunkId,
        Score = ranked.Scores.Final,
        Scores = ranked.Scores,
        Text = ranked.Passage.Text,
        Title = ranked.Passage.Title,
        Path = ranked.Passage.Path,
        StartLine = ranked.Passage.StartLine,
        EndLine = ranked.Passage.EndLine,
        Code = ranked.Passage.Code,
        Metadata = ranked.Passage.Metadata,
    };
}

/// <summary>A part of a text, in UTF-16 code units.</summary>
/// <param name="Start">Where it starts.</param>
/// <param name="End">Where it ends, exclusive.</param>
public sealed record TextRange(int Start, int End);

/// <summary>How a hit's score came about, beside what its scores tell: a fused score is the sum of weight / (k + rank) over the two rankings.</summary>
/// <param name="Terms">The terms of the query that the passage has, as they are indexed.</param>
/// <param name="Phrases">The phrases in quotation marks that it has.</param>
/// <param name="LexicalWeight">The weight of the ranking by words.</param>
/// <param name="DenseWeight">The weight of the ranking by vectors.</param>
/// <param name="K">The constant of the fusion.</param>
public sealed record HitExplanation(
    IReadOnlyList<string> Terms, IReadOnlyList<string> Phrases, double LexicalWeight, double DenseWeight, double K);
