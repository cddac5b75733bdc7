using OrleansChat.Core.Search.Passages;

namespace OrleansChat.Core.Search.Filters;

/// <summary>The fields that every passage has beside its metadata.</summary>
public static class PassageField
{
    /// <summary>The document's title and the headings above the passage.</summary>
    internal const string Title = "title";

    /// <summary>The language of source code; nothing else is called so.</summary>
    public const string CodeLanguage = "code.language";

    /// <summary>The name of the symbol that a passage of source code declares.</summary>
    public const string CodeName = "code.name";

    /// <summary>The names.</summary>
    public static IReadOnlyList<string> Names { get; } =
        ["documentId", "path", "kind", Title, "language", "symbol", CodeLanguage, CodeName, "code.kind"];

    /// <summary>A field's text; null where the passage has none.</summary>
    /// <param name="passage">The passage.</param>
    /// <param name="field">The field's name.</param>
    /// <returns>The text.</returns>
    public static string? Find(IndexedPassage passage, string field) => field switch
    {
        "documentId" => passage.DocumentId,
        "path" => passage.Path,
        "kind" => passage.Kind,
        Title => passage.Title,
        "language" or CodeLanguage => passage.Code?.Language,
        "symbol" => passage.Code?.Symbol,
        CodeName => passage.Code?.Name,
        "code.kind" => passage.Code?.Kind,
        _ => null,
    };
}
