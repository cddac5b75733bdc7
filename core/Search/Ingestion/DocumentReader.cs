using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Passages;

namespace OrleansChat.Core.Search.Ingestion;

/// <summary>Reads documents from JSON one by one and field by field, so that a bad one says what is wrong with it and stops no other.</summary>
public static class DocumentReader
{
    /// <summary>Reads <c>{id, text, title?, path?, kind?, metadata?}</c>. Other fields are passed over.</summary>
    /// <param name="json">The document.</param>
    /// <param name="document">The document, within <see cref="DocumentRules"/>.</param>
    /// <param name="rejected">Why there is none.</param>
    /// <returns>Whether there is one.</returns>
    public static bool TryRead(
        JsonElement json, [NotNullWhen(true)] out SourceDocument? document, [NotNullWhen(false)] out RejectedDocument? rejected)
    {
        string? id = null;
        try
        {
            if (json.ValueKind != JsonValueKind.Object)
                throw RequestException.Invalid("documents", "A document is an object.", "Send {\"id\": …, \"text\": …}.");
            id = Text(json, "id") ?? throw RequestException.Invalid("id", "The id is missing.", "Give every document an id.");
            var read = new SourceDocument
            {
                Id = id,
                Text = Text(json, "text") ?? throw RequestException.Invalid("text", "The text is missing.", "Send the document's text."),
                Title = Text(json, "title"),
                Path = Text(json, "path"),
                Kind = Text(json, "kind"),
                Metadata = Metadata(json),
            };
            if (DocumentRules.Check(read) is { } problem)
                throw new RequestException(problem);
            (document, rejected) = (read, null);
            return true;
        }
        catch (RequestException refused)
        {
            (document, rejected) = (null, new RejectedDocument(id, refused.Problem));
            return false;
        }
    }

    private static string? Text(JsonElement json, string field)
    {
        if (!json.TryGetProperty(field, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        if (value.ValueKind != JsonValueKind.String)
            throw RequestException.Invalid(field, $"The {field} is not a string.", $"Send '{field}' as a string.");
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException illFormed)
        {
            throw new RequestException(
                Problem.Of(ProblemCode.InvalidRequest, $"The {field} is not valid Unicode.", $"Send '{field}' as valid UTF-8.") with { Subject = field }, illFormed);
        }
    }

    private static Dictionary<string, MetadataValue> Metadata(JsonElement json)
    {
        var metadata = new Dictionary<string, MetadataValue>(StringComparer.Ordinal);
        if (!json.TryGetProperty("metadata", out var fields) || fields.ValueKind == JsonValueKind.Null)
            return metadata;
        if (fields.ValueKind != JsonValueKind.Object)
            throw RequestException.Invalid("metadata", "The metadata is not an object.", "Send 'metadata' as {\"field\": value}.");
        foreach (var field in fields.EnumerateObject())
        {
            try
            {
                metadata[field.Name] = field.Value.Deserialize<MetadataValue>();
            }
            catch (Exception unfit) when (unfit is JsonException or InvalidOperationException)
            {
                throw new RequestException(
                    Problem.Of(
                        ProblemCode.InvalidRequest,
                        "A metadata value is a string, a number, a Boolean, null, or a list of these.",
                        "Flatten nested objects into fields of their own.") with
                    { Subject = "metadata" },
                    unfit);
            }
        }

        return metadata;
    }
}
