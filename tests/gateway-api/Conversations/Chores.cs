namespace OrleansChat.GatewayApi.Tests.Conversations;

/// <summary>What is done with sessions one thing after the other, between rounds: made, changed, shared, copied, deleted. Each answer is judged at once.</summary>
internal sealed class Chores(Random random, ConversationWorld world, NaiveConversations naive)
{
    private static readonly string[] Makers =
    [
        ConversationSettings.Ann, ConversationSettings.Ann, ConversationSettings.Ben, ConversationSettings.Eve, ConversationSettings.Poor, ConversationSettings.Tight,
    ];

    private int _names;

    /// <summary>Does some.</summary>
    /// <returns>What is wrong.</returns>
    public async Task<List<string>> DoAsync()
    {
        List<string> faults = [];
        for (var count = random.Next(4); count > 0; count--)
        {
            if (naive.Living.ToList() is not { Count: > 2 } living || random.Next(4) == 0)
            {
                faults.AddRange(await MakeAsync());
                continue;
            }

            var session = living[random.Next(living.Count)];
            var key = random.Next(4) > 0 ? session.Owner! : ConversationSettings.Keys[random.Next(ConversationSettings.Keys.Count)];
            if (session.IsExpired(world.Now, world.Now) is true)
                continue;

            faults.AddRange(await (random.Next(9) switch
            {
                0 => DeleteAsync(key, session),
                1 or 2 => CopyAsync(key, session),
                3 or 4 when session.Messages.Count > 0 => SwitchAsync(key, session),
                5 => ShareAsync(key, session),
                _ => ChangeAsync(key, session),
            }));
        }

        return faults;
    }

    private async Task<IEnumerable<string>> MakeAsync()
    {
        var key = Makers[random.Next(Makers.Length)];
        var shared = ConversationSettings.TeamOf(key) is not null && random.Next(2) == 0;
        var model = random.Next(2) == 0 ? ConversationSettings.Models[random.Next(ConversationSettings.Models.Count)] : null;
        var (title, prompt) = (random.Next(3) == 0 ? NewName("title") : null, random.Next(3) == 0 ? NewName("prompt") : null);
        var (budget, minutes) = (random.Next(5) == 0 ? 0.3m + (random.Next(20) / 10m) : (decimal?)null, random.Next(4) == 0 ? random.Next(1, 200) : (int?)null);
        var (status, made) = await world.AskAsync(key, HttpMethod.Post, "/api/sessions", new { title, model, systemPrompt = prompt, budgetUsd = budget, ttlMinutes = minutes, shared });
        if (status != 201)
            return [$"No session is made: {status} {made}"];

        var session = naive.New(made.GetProperty("id").GetString()!);
        (session.Owner, session.Title, session.Model, session.SystemPrompt) = (key, title, model, prompt);
        (session.BudgetUsd, session.TtlMinutes, session.IsShared) = (budget, minutes, shared);
        return SessionShown.FaultsOf(session, made, []);
    }

    private async Task<IEnumerable<string>> DeleteAsync(string key, NaiveSession session)
    {
        var (status, body) = await world.AskAsync(key, HttpMethod.Delete, $"/api/sessions/{session.Id}");
        if (status != StatusFor(key, session, 204))
            return [$"{key} deletes {session}: {status} {body}"];

        session.IsGone = status == 204;
        return [];
    }

    private async Task<IEnumerable<string>> ChangeAsync(string key, NaiveSession session)
    {
        var (title, prompt) = (random.Next(2) == 0 ? NewName("title") : null, random.Next(3) == 0 ? NewName("prompt") : null);
        var model = random.Next(3) == 0 ? ConversationSettings.Models[random.Next(ConversationSettings.Models.Count)] : null;
        return await PatchAsync(key, session, new { title, model, systemPrompt = prompt }, () =>
        {
            session.Title = title ?? session.Title;
            session.SystemPrompt = prompt ?? session.SystemPrompt;
            session.Model = model ?? session.Model;
        });
    }

    private Task<IEnumerable<string>> ShareAsync(string key, NaiveSession session)
    {
        var shared = random.Next(2) == 0 && ConversationSettings.TeamOf(session.Owner!) is not null;
        return PatchAsync(key, session, new { shared }, () => session.IsShared = shared);
    }

    private Task<IEnumerable<string>> SwitchAsync(string key, NaiveSession session)
    {
        var message = session.Messages[random.Next(session.Messages.Count)];
        return PatchAsync(key, session, new { activeMessageId = message.Id }, () => session.Leaf = session.NewestOf(message.Id));
    }

    private async Task<IEnumerable<string>> PatchAsync(string key, NaiveSession session, object change, Action apply)
    {
        var (status, body) = await world.AskAsync(key, HttpMethod.Patch, $"/api/sessions/{session.Id}", change);
        if (status != StatusFor(key, session, 200))
            return [$"{key} changes {session} by {change}: {status} {body}"];

        if (status != 200)
            return [];

        apply();
        session.Touched = (world.Now, world.Now);
        return SessionShown.FaultsOf(session, body, []);
    }

    /// <summary>A copy has the same tree under other ids, and is whose who makes it.</summary>
    private async Task<IEnumerable<string>> CopyAsync(string key, NaiveSession session)
    {
        var (status, exported) = await world.AskAsync(key, HttpMethod.Get, $"/api/sessions/{session.Id}/export?format=json");
        if (!session.IsSeenBy(key))
            return status == 404 ? [] : [$"{key} exports {session}: {status}"];

        var faults = SessionShown.FaultsOf(session, exported, session.Messages).ToList();
        if (key == ConversationSettings.Boss)
            return faults;

        var (imported, made) = await world.AskAsync(key, HttpMethod.Post, "/api/sessions/import", exported);
        if (imported != 201)
            return [.. faults, $"{key} imports {session}: {imported} {made}"];

        var copy = naive.New(made.GetProperty("id").GetString()!);
        (copy.Owner, copy.Title, copy.Model, copy.SystemPrompt) = (key, session.Title, session.Model, session.SystemPrompt);
        (copy.BudgetUsd, copy.TtlMinutes) = (session.BudgetUsd, session.TtlMinutes);
        var (_, tree) = await world.AskAsync(key, HttpMethod.Get, $"/api/sessions/{copy.Id}?tree=true");
        var messages = NaiveSession.MessagesIn(tree);
        var ids = session.Messages.Zip(messages).ToDictionary(pair => pair.First.Id, pair => pair.Second.Id);
        copy.Messages.AddRange(session.Messages.Select(message => message with { Id = IdOf(message.Id)!, ParentId = IdOf(message.ParentId) }));
        copy.Leaf = IdOf(session.Leaf);
        return [.. faults, .. SessionShown.FaultsOf(copy, tree, copy.Messages)];

        string? IdOf(string? message) => message is null ? null : ids.GetValueOrDefault(message, "?");
    }

    private static int StatusFor(string key, NaiveSession session, int done) => !session.IsSeenBy(key) ? 404 : session.IsOwnedBy(key) ? done : 403;

    private string NewName(string kind) => $"{kind} {_names++}";
}
