using System.Collections.Frozen;
using System.Text.Json.Serialization;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Code;
using OrleansChat.Core.Search.Passages;

namespace OrleansChat.Core.Search.Ingestion;

/// <summary>A document as it is sent in.</summary>
public sealed record SourceDocument
{
    /// <summary>Its id, unique in its collection; another document with it replaces this one.</summary>
    public required string Id { get; init; }

    /// <summary>Its whole text.</summary>
    public required string Text { get; init; }

    /// <summary>Its title; searched along with every passage.</summary>
    public string? Title { get; init; }

    /// <summary>Where it comes from, such as a path in a repository; its extension chooses the chunker.</summary>
    public string? Path { get; init; }

    /// <summary>Its kind, such as <c>markdown</c>; chooses the chunker before the path does.</summary>
    public string? Kind { get; init; }

    /// <summary>The symbol that the text declares, where whoever sends it has taken it out of its file; null to find symbols here.</summary>
    public CodeSymbol? Code { get; init; }

    /// <summary>What it was taken from along with others, such as a folder, so that whoever sends those again finds what is gone; null for a document by itself.</summary>
    public string? Origin { get; init; }

    /// <summary>Fields that searches can filter on and hits carry.</summary>
    public IReadOnlyDictionary<string, MetadataValue> Metadata { get; init; } = FrozenDictionary<string, MetadataValue>.Empty;
}

/// <summary>A document that was not indexed.</summary>
/// <param name="Id">Its id; null when it had none that could be read.</param>
/// <param name="Problem">Why.</param>
public sealed record RejectedDocument(string? Id, Problem Problem)
{
    /// <summary>Every field at fault with its rule, where several may be.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<FieldFault>? Fields { get; init; }
}

/// <summary>A field at fault.</summary>
/// <param name="Field">The field, as it was asked for.</param>
/// <param name="Detail">What holds for it.</param>
public sealed record FieldFault(string Field, string Detail);

/// <summary>What became of the documents of one upload.</summary>
/// <param name="Indexed">Documents that were new or changed.</param>
/// <param name="Unchanged">Documents that were there as they are; nothing was embedded for them.</param>
/// <param name="Chunks">The passages of the indexed documents.</param>
/// <param name="Rejected">Documents that were refused; the others are not affected.</param>
public sealed record IngestionReport(int Indexed, int Unchanged, int Chunks, IReadOnlyList<RejectedDocument> Rejected);
