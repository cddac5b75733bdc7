using System.Collections.Frozen;
using System.Globalization;
using OrleansChat.Core.Search.Code;

namespace OrleansChat.Core.Search.Passages;

/// <summary>A piece of a document as search keeps, finds and shows it.</summary>
public sealed record IndexedPassage
{
    /// <summary>The document's id, unique in its collection.</summary>
    public required string DocumentId { get; init; }

    /// <summary>The passage's place in its document, from 0.</summary>
    public required int Ordinal { get; init; }

    /// <summary>The text, exactly as in the document.</summary>
    public required string Text { get; init; }

    /// <summary>The document's title and the headings above the passage, outermost first, joined by " > "; searched along with the text.</summary>
    public string? Title { get; init; }

    /// <summary>The document's path, if it came from a file.</summary>
    public string? Path { get; init; }

    /// <summary>The document's kind, such as <c>markdown</c>, if given.</summary>
    public string? Kind { get; init; }

    /// <summary>The first line, from 1.</summary>
    public int? StartLine { get; init; }

    /// <summary>The last line, inclusive.</summary>
    public int? EndLine { get; init; }

    /// <summary>What it is as source code; null for other text.</summary>
    public CodeSymbol? Code { get; init; }

    /// <summary>The document's metadata; one dictionary may be shared by all its passages.</summary>
    public IReadOnlyDictionary<string, MetadataValue> Metadata { get; init; } = FrozenDictionary<string, MetadataValue>.Empty;

    /// <summary>The passage's id, <c>documentId#ordinal</c>.</summary>
    public string ChunkId => string.Create(CultureInfo.InvariantCulture, $"{DocumentId}#{Ordinal}");
}
