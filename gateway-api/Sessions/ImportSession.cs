using System.Text.Json;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Turns;
using OrleansChat.GatewayApi.Bodies;

namespace OrleansChat.GatewayApi.Sessions;

/// <summary>The body that makes a session anew: what <c>export?format=json</c> gave, as it is.</summary>
internal sealed record ImportSession(SessionImport Exported) : IBody<ImportSession>
{
    private const int MaxMessages = 100_000;
    private const int MaxCitations = 1_000;
    private const int MaxDocumentId = 1_024;
    private const int MaxLine = int.MaxValue;

    public static ImportSession Read(Fields fields, BodyLimits limits)
    {
        if (!fields.Has("messages"))
            fields.Fault("messages", "is required: the body must be a session as its export gave it, in JSON");

        // A copy is nobody else's business until it is shared anew, and the budget of the old one is spent.
        var settings = CreateSession.SettingsOf(fields) with { Shared = false };
        return new(new SessionImport
        {
            Settings = settings,
            Messages = [.. (fields.Items("messages", MaxMessages) ?? []).Select((item, i) => MessageOf(item, $"messages[{i}].", limits))],
            ActiveMessageId = fields.Text("activeMessageId", SessionRules.MaxId),
        });
    }

    private static SessionMessage MessageOf(JsonElement item, string path, BodyLimits limits)
    {
        var fields = Fields.Of(item, path);
        var message = new SessionMessage
        {
            Id = fields.RequiredText("id", SessionRules.MaxId),
            ParentId = fields.Text("parentId", SessionRules.MaxId),
            Role = fields.RequiredText("role", SessionRules.MaxModel),
            Content = ContentOf(fields, limits),
            Citations = fields.Items("citations", MaxCitations) is { Count: > 0 } citations
                ? [.. citations.Select((citation, n) => CitationOf(citation, $"{path}citations[{n}]."))]
                : null,
            CreatedAt = TimeOf(fields),
        };
        fields.ThrowIfFaulty();
        return message;
    }

    private static string ContentOf(Fields fields, BodyLimits limits)
    {
        if (!fields.Has("content"))
            fields.Fault("content", "is required and must be a string");
        return fields.Text("content", limits.MaxMessageCharacters) ?? "";
    }

    private static DateTimeOffset TimeOf(Fields fields)
    {
        var time = fields.Time("createdAt");
        if (time is null || time < DateTimeOffset.UnixEpoch)
            fields.Fault("createdAt", "is required and must be a time after 1970");
        return time ?? DateTimeOffset.UnixEpoch;
    }

    private static Citation CitationOf(JsonElement item, string path)
    {
        var fields = Fields.Of(item, path);
        var citation = new Citation(
            fields.Whole("n", 1, MaxLine) ?? 1,
            fields.RequiredText("documentId", MaxDocumentId),
            fields.Text("path", MaxDocumentId),
            fields.Whole("startLine", 1, MaxLine),
            fields.Whole("endLine", 1, MaxLine));
        fields.ThrowIfFaulty();
        return citation;
    }
}
