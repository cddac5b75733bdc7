using System.Globalization;
using System.Text;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Turns;

namespace OrleansChat.GatewayApi.Sessions;

/// <summary>A session as a document for people.</summary>
internal static class SessionMarkdown
{
    /// <summary>The active path as Markdown, with the sources of each answer below it.</summary>
    public static string Write(SessionView session)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {session.Title ?? session.Id}\n\n");
        text.Append(CultureInfo.InvariantCulture, $"Session {session.Id}, {session.CreatedAt:yyyy-MM-dd HH:mm} UTC\n");
        foreach (var message in session.Messages)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {(message.Role == "user" ? "User" : "Assistant")}\n\n{message.Content.TrimEnd()}\n");
            foreach (var citation in message.Citations ?? [])
                text.Append(CultureInfo.InvariantCulture, $"\n- [{citation.N}] {Place(citation)}");
            if (message.Citations is { Count: > 0 })
                text.Append('\n');
        }

        return text.ToString();
    }

    private static string Place(Citation citation) =>
        citation.StartLine is { } start
            ? $"{citation.Path ?? citation.DocumentId}, lines {start} to {citation.EndLine ?? start}"
            : citation.Path ?? citation.DocumentId;
}
