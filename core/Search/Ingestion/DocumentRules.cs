using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Passages;

namespace OrleansChat.Core.Search.Ingestion;

/// <summary>What a document must look like.</summary>
public static class DocumentRules
{
    /// <summary>The longest id, in UTF-16 code units.</summary>
    public const int MaxId = 512;

    /// <summary>The longest title, path, kind or origin, in UTF-16 code units.</summary>
    public const int MaxLabel = 1024;

    /// <summary>The longest text, in UTF-16 code units.</summary>
    public const int MaxText = 4_000_000;

    /// <summary>The most metadata fields.</summary>
    public const int MaxFields = 64;

    /// <summary>The longest metadata key or text, in UTF-16 code units, and the most items of a list.</summary>
    public const int MaxFieldLength = 1024;

    /// <summary>The first rule that a document breaks; null when it breaks none.</summary>
    /// <param name="document">The document.</param>
    /// <returns>The problem, whose subject names the field.</returns>
    public static Problem? Check(SourceDocument document)
    {
        if (Label("id", document.Id, MaxId) is { } id)
            return id;
        if (string.IsNullOrWhiteSpace(document.Text))
            return Invalid("text", "The text is empty.");
        if (document.Text.Length > MaxText)
            return TooLarge("text", $"The text has {document.Text.Length} characters; at most {MaxText} are allowed.");
        if (document.Text.Contains('\0'))
            return Invalid("text", "The text holds a NUL character, so it is not text.");
        if (!IsWellFormed(document.Text))
            return Invalid("text", "The text is not valid Unicode.");
        return (document.Title is null ? null : Label("title", document.Title, MaxLabel))
            ?? (document.Path is null ? null : Label("path", document.Path, MaxLabel))
            ?? (document.Kind is null ? null : Label("kind", document.Kind, MaxLabel))
            ?? (document.Origin is null ? null : Label("origin", document.Origin, MaxLabel))
            ?? CheckMetadata(document.Metadata);
    }

    private static Problem? CheckMetadata(IReadOnlyDictionary<string, MetadataValue> metadata)
    {
        if (metadata.Count > MaxFields)
            return TooLarge("metadata", $"There are {metadata.Count} metadata fields; at most {MaxFields} are allowed.");
        foreach (var (key, value) in metadata)
        {
            if (key.Length is 0 or > MaxFieldLength)
                return Invalid("metadata", $"A metadata key has {key.Length} characters; 1 to {MaxFieldLength} are allowed.");
            if (value.Text.Length > MaxFieldLength || value.Items.Length > MaxFieldLength || value.Items.Any(item => item.Text.Length > MaxFieldLength))
                return TooLarge($"metadata.{key}", $"A metadata value has more than {MaxFieldLength} characters or items.");
        }

        return null;
    }

    private static Problem? Label(string field, string value, int max) =>
        string.IsNullOrWhiteSpace(value) ? Invalid(field, $"The {field} is empty.")
        : value.Length > max ? TooLarge(field, $"The {field} has {value.Length} characters; at most {max} are allowed.")
        : value.Any(char.IsControl) ? Invalid(field, $"The {field} holds a control character.")
        : !IsWellFormed(value) ? Invalid(field, $"The {field} is not valid Unicode.")
        : null;

    // Half a surrogate pair would come back from the store as something else.
    private static bool IsWellFormed(ReadOnlySpan<char> text)
    {
        while (text.IndexOfAnyInRange('\uD800', '\uDFFF') is >= 0 and var next)
        {
            if (next + 1 == text.Length || !char.IsSurrogatePair(text[next], text[next + 1]))
                return false;
            text = text[(next + 2)..];
        }

        return true;
    }

    private static Problem Invalid(string field, string detail) =>
        Problem.Of(ProblemCode.InvalidRequest, detail, $"Correct '{field}' and send the document again.") with { Subject = field };

    private static Problem TooLarge(string field, string detail) =>
        Problem.Of(ProblemCode.TooLarge, detail, "Split the document or shorten the field.") with { Subject = field };
}
