using System.Text.Json;

namespace OrleansChat.GatewayApi.Tests.Conversations;

/// <summary>Holds a session as it is shown against the naive one.</summary>
internal static class SessionShown
{
    /// <summary>What is wrong.</summary>
    /// <param name="session">The session as it must be.</param>
    /// <param name="shown">As it is shown.</param>
    /// <param name="messages">The messages that are to be there.</param>
    public static IEnumerable<string> FaultsOf(NaiveSession session, JsonElement shown, IReadOnlyList<NaiveMessage> messages)
    {
        var due = $"{session.Id} '{session.Title}' {session.Model} '{session.SystemPrompt}' {session.BudgetUsd:0.###} {session.TtlMinutes} {session.IsShared} {session.Leaf}";
        var found = $"{shown.GetProperty("id")} '{shown.GetProperty("title")}' {shown.GetProperty("model")} '{shown.GetProperty("systemPrompt")}' "
            + $"{Number(shown, "budgetUsd")} {Number(shown, "ttlMinutes")} {shown.GetProperty("shared").GetBoolean()} {(shown.TryGetProperty("activeMessageId", out var leaf) ? leaf : null)}";
        if (found != due)
            yield return $"It is shown as\n{found}\nand is\n{due}\nof {session}";

        if (!NaiveSession.MessagesIn(shown).SequenceEqual(messages))
            yield return $"Its messages are shown as\n{string.Join('\n', NaiveSession.MessagesIn(shown))}\nand are\n{string.Join('\n', messages)}\nof {session}";

        var used = shown.GetProperty("lastActiveAt").GetDateTimeOffset().UtcTicks;
        if (used < session.Used.Least || used > session.Used.Most)
            yield return $"It was last used at {new DateTime(used)}, not between {new DateTime(session.Used.Least)} and {new DateTime(session.Used.Most)}: {session}";
    }

    private static string Number(JsonElement shown, string name) => shown.GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? $"{number.GetDecimal():0.###}" : "";
}
