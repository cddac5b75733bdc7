using System.Text.Json;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Conversations;

/// <summary>Holds every session, and every list of sessions, against the naive ones.</summary>
internal sealed class KeptAudit(Random random, ConversationWorld world, NaiveConversations naive)
{
    /// <summary>Looks at what a round has changed and at some of what it has not, or at all.</summary>
    /// <returns>What is wrong.</returns>
    public async Task<List<string>> CheckAsync(ConversationRound round, bool isLast)
    {
        List<string> faults = [];
        var changed = round.Acts.Select(act => act.Session).ToHashSet();
        foreach (var session in naive.Sessions.Where(session => session.Owner is not null).GroupBy(session => session.Id).Select(same => same.Last()))
        {
            // Whose time is over is looked at in any case: nobody asks for it any more.
            if (isLast || changed.Contains(session) || session.IsExpired(world.Now, world.Now) is not false || random.Next(4) == 0)
                faults.AddRange(await CheckAsync(session));
        }

        foreach (var key in ConversationSettings.Keys.Where(_ => isLast || random.Next(3) == 0))
        {
            faults.AddRange(await CheckListAsync(key, null));
            faults.AddRange(await CheckListAsync(key, $"TITLE {random.Next(20)}"));
        }

        return faults;
    }

    private async Task<IEnumerable<string>> CheckAsync(NaiveSession session)
    {
        var path = $"/api/sessions/{session.Id}";
        var from = world.Now;
        var key = ConversationSettings.Keys[random.Next(ConversationSettings.Keys.Count)];
        var (status, shown) = await world.AskAsync(key, HttpMethod.Get, path);
        var isExpired = session.IsExpired(from, world.Now);
        if (isExpired is true || (isExpired is null && status == 404))
            session.IsGone = true;
        if (session.IsGone || !session.IsSeenBy(key))
            return status == 404 ? [] : [$"{key} sees {session}: {status}"];

        if (status != 200)
            return [$"{key} does not see {session}: {status} {shown}"];

        var faults = SessionShown.FaultsOf(session, shown, session.PathTo(session.Leaf)).ToList();
        var (_, tree) = await world.AskAsync(key, HttpMethod.Get, $"{path}?tree=true");
        faults.AddRange(SessionShown.FaultsOf(session, tree, session.Messages));
        faults.AddRange(await CheckPagesAsync(key, session));
        if (session.Turns.Count > 0)
        {
            var turn = session.Turns[random.Next(session.Turns.Count)];
            var (_, view) = await world.AskAsync(key, HttpMethod.Get, $"{path}/turns/{turn.Id}");
            if (!JsonElement.DeepEquals(view, turn.View))
                faults.Add($"It was {turn.View} and is {view}");
        }

        return faults;
    }

    /// <summary>The active path, read from its end in parts.</summary>
    private async Task<IEnumerable<string>> CheckPagesAsync(string key, NaiveSession session)
    {
        var limit = random.Next(1, 6);
        List<NaiveMessage> read = [];
        string? before = null;
        do
        {
            var (_, part) = await world.AskAsync(key, HttpMethod.Get, $"/api/sessions/{session.Id}?limit={limit}{(before is null ? "" : $"&before={before}")}");
            var messages = NaiveSession.MessagesIn(part);
            read.InsertRange(0, messages);
            before = part.TryGetProperty("before", out var more) ? more.GetString() : null;
            if (messages.Count > limit || (before is not null && messages.Count < limit))
                return [$"A part of {limit} has {messages.Count} messages: {session}"];
        }
        while (before is not null);

        return read.SequenceEqual(session.PathTo(session.Leaf)) ? [] : [$"In parts it is\n{string.Join('\n', read)}\nof {session}"];
    }

    /// <summary>A list is refreshed beside whatever else happens.</summary>
    private async Task<IEnumerable<string>> CheckListAsync(string key, string? query)
    {
        string? fault = null;
        try
        {
            await TestWait.UntilAsync(async () => (fault = await ListFaultAsync(key, query)) is null);
        }
        catch (TimeoutException)
        {
            // It is told as it was at last.
        }

        return fault is null ? [] : [fault];
    }

    private async Task<string?> ListFaultAsync(string key, string? query)
    {
        var limit = random.Next(1, 9);
        List<string> found = [];
        List<long> times = [];
        string? cursor = null;
        do
        {
            var (_, page) = await world.AskAsync(key, HttpMethod.Get, $"/api/sessions?limit={limit}{(query is null ? "" : $"&query={query}")}{(cursor is null ? "" : $"&cursor={cursor}")}");
            var lines = page.GetProperty("items").EnumerateArray().ToList();
            found.AddRange(lines.Select(line => $"{line.GetProperty("id")} '{line.GetProperty("title")}' {line.GetProperty("model")} {line.GetProperty("shared").GetBoolean()}"));
            times.AddRange(lines.Select(line => line.GetProperty("lastActiveAt").GetDateTimeOffset().UtcTicks));
            cursor = page.GetProperty("nextCursor").GetString();
            if (lines.Count > limit || (cursor is not null && lines.Count < limit))
                return $"{key} is shown {lines.Count} sessions on a page of {limit}";
        }
        while (cursor is not null);

        // A session whose time is over goes from its lists when somebody looks after it.
        var words = query?.Split(' ') ?? [];
        var due = naive.Living.Where(session => session.Owner == key || (key != ConversationSettings.Boss && session.IsSeenBy(key)))
            .Where(session => words.All(word => session.Title?.Contains(word, StringComparison.OrdinalIgnoreCase) is true))
            .Select(session => $"{session.Id} '{session.Title}' {session.Model} {session.IsShared}").Order(StringComparer.Ordinal).ToList();
        var expired = naive.Sessions.Where(session => session is { IsGone: true, TtlMinutes: not null }).Select(session => session.Id).ToHashSet();
        var shown = found.Where(line => !expired.Contains(line.Split(' ')[0])).Order(StringComparer.Ordinal).ToList();
        if (!shown.SequenceEqual(due))
            return $"{key} is listed\n{string.Join('\n', shown)}\nand should be\n{string.Join('\n', due)}";

        return times.SequenceEqual(times.OrderDescending()) ? null : $"{key} is not listed what was used last first";
    }
}
