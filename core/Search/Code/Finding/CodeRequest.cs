using System.Text.Json.Serialization;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Metering;
using OrleansChat.Core.Search.Querying;

namespace OrleansChat.Core.Search.Code.Finding;

/// <summary>A search for code in one collection.</summary>
public sealed record CodeRequest
{
    /// <summary>A name, or a question in plain words.</summary>
    public required string Query { get; init; }

    /// <summary>The collection's name.</summary>
    public required string Collection { get; init; }

    /// <summary>Only code in this language, by any name that <see cref="CodeLanguages.Named"/> knows.</summary>
    public string? Language { get; init; }

    /// <summary>Who pays for the model that the search asks.</summary>
    public SearchPayer Payer { get; init; } = SearchPayer.System;

    /// <summary>At most so many hits.</summary>
    /// <value>Default 10; 1 to <see cref="SearchRequest.MaxLimit"/>.</value>
    public int Limit { get; init; } = 10;
}

/// <summary>What a search for code found.</summary>
/// <param name="Intent">What the question was taken to be after.</param>
/// <param name="Symbols">The names that it was taken to hold.</param>
/// <param name="Hits">The symbols, best first.</param>
/// <param name="Alternatives">Different symbols that bear the name that was asked for, when there are several; otherwise empty.</param>
/// <param name="Degraded">Whether only words were searched because the embedding model failed or its call was refused.</param>
/// <param name="Cause">Why it is degraded; null when it is not.</param>
/// <param name="TookMs">How long it took, in milliseconds.</param>
public sealed record CodeAnswer(
    CodeIntent Intent,
    IReadOnlyList<string> Symbols,
    IReadOnlyList<CodeHit> Hits,
    IReadOnlyList<string> Alternatives,
    bool Degraded,
    Problem? Cause,
    double TookMs)
{
    /// <summary>The fallbacks that made it degraded, by the names that health and metrics use; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Fallbacks { get; init; }
}

/// <summary>A symbol that was found.</summary>
public sealed record CodeHit
{
    /// <summary>The symbol with the types around it, such as <c>Parser.Read</c>.</summary>
    public required string Symbol { get; init; }

    /// <summary>The symbol's own name.</summary>
    public required string Name { get; init; }

    /// <summary>One of <see cref="SymbolKinds"/>.</summary>
    public string? Kind { get; init; }

    /// <summary>Its language.</summary>
    public required string Language { get; init; }

    /// <summary>Its declaration on one line.</summary>
    public string? Signature { get; init; }

    /// <summary>Its cyclomatic complexity.</summary>
    public int? Complexity { get; init; }

    /// <summary>The file.</summary>
    public string? Path { get; init; }

    /// <summary>The line of the declaration, from 1.</summary>
    public int? Line { get; init; }

    /// <summary>Its first line, comments and attributes included.</summary>
    public int? StartLine { get; init; }

    /// <summary>Its last line, inclusive.</summary>
    public int? EndLine { get; init; }

    /// <summary>First and last line.</summary>
    public IReadOnlyList<int> Lines => StartLine is { } start && EndLine is { } end ? [start, end] : [];

    /// <summary>What orders the hits; comparable within one answer only.</summary>
    public required double Score { get; init; }

    /// <summary>The document.</summary>
    public required string DocumentId { get; init; }

    /// <summary>The passage.</summary>
    public required string ChunkId { get; init; }

    /// <summary>The passage's text.</summary>
    public required string Text { get; init; }

    internal static CodeHit Of(SearchHit hit, double score)
    {
        var code = hit.Code!;
        var end = code.EndLine >= hit.StartLine ? code.EndLine : hit.EndLine;
        return new CodeHit
        {
            Symbol = code.Symbol!,
            Name = code.Name!,
            Kind = code.Kind,
            Language = code.Language,
            Signature = code.Signature,
            Complexity = code.Complexity,
            Path = hit.Path,
            Line = code.Line,
            StartLine = code.EndLine is null ? hit.StartLine : Math.Min(hit.StartLine ?? int.MaxValue, code.Line ?? int.MaxValue),
            EndLine = end,
            Score = score,
            DocumentId = hit.DocumentId,
            ChunkId = hit.ChunkId,
            Text = hit.Text,
        };
    }
}
