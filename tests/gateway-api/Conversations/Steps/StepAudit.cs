using System.Text.Json;
using OrleansChat.Core.Costs;
using OrleansChat.Core.RateLimiting;
using OrleansChat.GatewayApi.Tests.Calls;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Conversations.Steps;

/// <summary>Holds books, limits and sessions against what is owed, while no turn runs.</summary>
internal sealed class StepAudit(StepWorld world, IReadOnlyList<StepSession> sessions)
{
    private static readonly TimeSpan Company = TimeSpan.FromMilliseconds(8);

    /// <summary>Looks at everything.</summary>
    /// <param name="hasDied">Whether a host has died since the last time: what it may have admitted is held for the longest lease.</param>
    /// <param name="lostTurns">Turns of which nobody was told, and nothing is left.</param>
    /// <returns>What is wrong.</returns>
    public async Task<List<string>> CheckAsync(bool hasDied, int lostTurns)
    {
        if (hasDied)
        {
            // It is held from the next activation on, and nobody may have asked for a scope since.
            await world.ScopesAsync();
            world.Clock.Advance(RateLimitRequest.DefaultLease + TimeSpan.FromSeconds(1));
        }

        // Entries wait a little for each other; no lease runs out meanwhile.
        var patience = world.Now + TimeSpan.TicksPerSecond;
        List<JsonElement> scopes = [];
        List<LedgerEntry> entries = [];
        List<string> faults = [];
        try
        {
            await TestWait.UntilAsync(async () =>
            {
                if (world.Now < patience)
                    world.Clock.Advance(Company);
                (scopes, entries, faults) = (await world.ScopesAsync(), [], []);
                foreach (var scope in scopes)
                {
                    faults.AddRange(FaultsOf(scope));
                    if (scope.GetProperty("budget").ValueKind is not JsonValueKind.Object)
                        continue;

                    var name = scope.GetProperty("scope").GetString()!;
                    var ledger = await world.LedgerAsync(name);
                    faults.AddRange(Books(scope, ledger, [.. sessions.Where(session => name == "org" || name == $"key:{session.Key}").SelectMany(session => session.Ended)], lostTurns));
                    if (name != "org")
                        entries.AddRange(ledger);
                }

                return faults.Count == 0;
            });
        }
        catch (TimeoutException)
        {
            return faults;
        }

        foreach (var session in sessions)
            faults.AddRange(await CheckAsync(session, entries));
        return faults;
    }

    private static IEnumerable<string> FaultsOf(JsonElement scope)
    {
        if (scope.GetProperty("limits").TryGetProperty("concurrent", out var places) && places.ValueKind is JsonValueKind.Object && places.GetProperty("inUse").GetInt64() != 0)
            yield return $"A place is held: {scope}";
        if (scope.GetProperty("budget").ValueKind is JsonValueKind.Object && scope.GetProperty("budget").GetProperty("reservedUsd").GetDecimal() != 0)
            yield return $"Money is held: {scope}";
    }

    /// <summary>Holds one ledger against what is owed. Where a host has died in the middle of a settlement, each may have another of the entries that are possible.</summary>
    private static IEnumerable<string> Books(JsonElement scope, List<LedgerEntry> entries, List<StepTurn> turns, int lostTurns)
    {
        if (scope.GetProperty("budget").GetProperty("spentUsd").GetDecimal() != Usd(entries))
            yield return $"Its entries are {Usd(entries)}: {scope}";

        var open = entries.GroupBy(entry => entry.OperationId).ToDictionary(same => same.Key, same => same.ToList());
        foreach (var turn in turns)
        {
            foreach (var (operation, dues) in turn.Owed)
            {
                if (!open.Remove(operation, out var found))
                {
                    if (!dues.MayBeNone)
                        yield return $"Not booked: {operation}, {string.Join(" or ", dues.Any)}\n{turn}";
                }
                else if (found is not [var entry] || !dues.Any.Any(due => IsFor(entry, due, turn)))
                    yield return $"It should be {string.Join(" or ", dues.Any)}: {string.Join(" and ", found)}\n{turn}";
            }
        }

        if (open.Values.Sum(found => found.Count(entry => entry.LeaseExpired)) > lostTurns || open.Values.Any(found => found.Exists(entry => !entry.LeaseExpired)))
            yield return $"Booked for nothing: {string.Join(" and ", open.Values.SelectMany(found => found))}";
    }

    private static bool IsFor(LedgerEntry entry, Due due, StepTurn turn)
    {
        var (usage, subject) = (entry.Usage, entry.Subject);
        if ((subject.KeyId, subject.SessionId, subject.Model, subject.Upstream) != (turn.Key, turn.Turn.Session.Id, turn.Model, due.Upstream) || entry is not { IsCorrection: false, SavedNanoUsd: 0 })
            return false;

        var cost = Usd([entry]);
        if (due == Due.Lost)
            return entry.LeaseExpired && usage.Estimated && cost > Question.MaxOutput * CallSettings.OutputPrice;

        return !entry.LeaseExpired
            && cost == (usage.InputTokens * CallSettings.InputPrice) + (usage.OutputTokens * CallSettings.OutputPrice)
            && (due.Used is { } used
                ? (usage.InputTokens, usage.OutputTokens, usage.Estimated) == (used.Input, used.Output, false)
                : usage is { InputTokens: > 0, Estimated: true } && usage.OutputTokens > 0 == due.HasOutput);
    }

    private async Task<IEnumerable<string>> CheckAsync(StepSession session, List<LedgerEntry> entries)
    {
        var shown = await world.AskAsync(ConversationSettings.Boss, HttpMethod.Get, $"{session.Path}?tree=true");
        var messages = NaiveSession.MessagesIn(shown);
        List<string> faults = [];
        if (!messages.Select(message => (message.Role, message.Content)).SequenceEqual(session.Messages) || !messages.Select(message => message.ParentId).SequenceEqual(Above(messages)))
            faults.Add($"Its messages are\n{string.Join('\n', messages)}\nand should be\n{string.Join('\n', session.Messages)}\nof {session}");

        foreach (var turn in session.Ended)
            faults.AddRange(Tells(turn, await world.AskAsync(session.Key, HttpMethod.Get, $"{session.Path}/turns/{turn.Turn.Id}"), entries));
        return faults;
    }

    /// <summary>A turn tells what is booked for it since its last host took it up.</summary>
    private static IEnumerable<string> Tells(StepTurn turn, JsonElement view, List<LedgerEntry> entries)
    {
        var own = entries.Where(entry => !entry.LeaseExpired && turn.IsTold(entry.OperationId)).ToList();
        var told = view.GetProperty("usage").ValueKind is JsonValueKind.Object
            ? (view.GetProperty("usage").GetProperty("inputTokens").GetInt64(), view.GetProperty("usage").GetProperty("outputTokens").GetInt64(), view.GetProperty("costUsd").GetDecimal())
            : (0, 0, 0);
        if (told != (own.Sum(entry => entry.Usage.InputTokens), own.Sum(entry => entry.Usage.OutputTokens), Usd(own)))
            yield return $"It tells of {told}: {turn}\n{view}\n{string.Join('\n', own)}";
        if (view.GetProperty("status").GetString() != turn.End)
            yield return $"It should be {turn.End}: {turn}\n{view}";
    }

    private static IEnumerable<string?> Above(List<NaiveMessage> messages) => messages.Select((_, place) => place == 0 ? null : messages[place - 1].Id);

    private static decimal Usd(IEnumerable<LedgerEntry> entries) => NanoUsd.ToUsd(entries.Sum(entry => entry.NanoUsd));
}
