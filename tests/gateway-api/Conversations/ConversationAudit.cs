using System.Text.Json;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Upstreams;
using OrleansChat.GatewayApi.Tests.Calls;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Conversations;

/// <summary>Holds what is kept and what is booked against what is owed, once nobody asks any more.</summary>
internal sealed class ConversationAudit(ConversationWorld world, NaiveConversations naive)
{
    private readonly HashSet<string> _booked = [];
    private int _known;

    /// <summary>Looks at the books, at every list, and at some of what was before.</summary>
    /// <returns>What is wrong.</returns>
    public async Task<List<string>> CheckAsync(ConversationRound round)
    {
        List<JsonElement> scopes = [];
        List<LedgerEntry> entries = [];
        var owed = round.Calls.Select(call => OwedFor(call, round)).OfType<Debt>().ToList();
        try
        {
            await TestWait.UntilAsync(async () =>
            {
                world.Clock.Advance(TimeSpan.FromMilliseconds(8));
                (scopes, entries) = (await world.ScopesAsync(), await world.LedgerAsync());
                return scopes.TrueForAll(HoldsNothing) && entries.Count - _known >= owed.Count(debt => debt.IsCertain);
            });
        }
        catch (TimeoutException)
        {
            // What follows says what is missing.
        }

        List<string> faults = [.. scopes.Where(scope => !HoldsNothing(scope)).Select(scope => $"Something is held: {scope}")];
        faults.AddRange(Books([.. entries.Where(entry => !_booked.Contains(entry.OperationId))], owed));
        _booked.UnionWith(entries.Select(entry => entry.OperationId));
        _known = entries.Count;
        if (_booked.Count != entries.Count)
            faults.Add("An operation is booked twice");

        foreach (var session in naive.Sessions)
            session.Spent = Usd(entries.Where(entry => entry.Subject.SessionId == session.Id));
        naive.Limits.Spent = Usd(entries.Where(entry => entry.Subject.KeyId == ConversationSettings.Poor));
        faults.AddRange(naive.Living.Where(session => session.Spent > session.BudgetUsd).Select(session => $"It has spent {session.Spent}: {session}"));
        if (naive.Limits.Spent > naive.Limits.Budget)
            faults.Add($"{naive.Limits.Spent} of {naive.Limits.Budget} are spent");

        faults.AddRange(naive.Living.SelectMany(session => session.Turns).Where(turn => round.Began <= turn.Ended.Least).SelectMany(turn => Costs(turn, entries)));
        faults.AddRange(scopes.SelectMany(scope => Spend(scope, entries)));
        faults.AddRange(await ReportAsync("key", entry => entry.Subject.KeyId, entries));
        faults.AddRange(await ReportAsync("model", entry => entry.Subject.Model, entries));
        faults.AddRange(await ReportAsync("upstream", entry => entry.Subject.Upstream ?? "", entries));
        return faults;
    }

    private static bool HoldsNothing(JsonElement scope) =>
        !(scope.GetProperty("limits").TryGetProperty("concurrent", out var places) && places.ValueKind is JsonValueKind.Object && places.GetProperty("inUse").GetInt64() != 0)
        && !(scope.GetProperty("budget").ValueKind is JsonValueKind.Object && scope.GetProperty("budget").GetProperty("reservedUsd").GetDecimal() != 0);

    /// <summary>What a call is owed. Whoever deletes a session may do so at any moment of its turn.</summary>
    private static Debt? OwedFor(PlayedCall call, ConversationRound round)
    {
        var askers = round.Asked.Where(act => act.Question.Number == call.Question.Number).ToList();
        var isNothing = call.End is CallEnd.Failed || (call.End is CallEnd.Left && call.Took >= CallSettings.Silence && call.Sent == 0);
        var isKnown = call.End is CallEnd.Whole && call.Plan.Fate is not Fate.HidesUsage;
        return isNothing ? null : new Debt(call, askers, isKnown ? (call.Plan.Input, call.Plan.Output) : null) { IsCertain = !askers.Exists(act => act.Session.IsGone) };
    }

    private IEnumerable<string> Books(List<LedgerEntry> open, List<Debt> owed)
    {
        List<string> faults = [];
        foreach (var debt in owed.OrderBy(debt => (debt.IsCertain ? 0 : 4) + (debt.Used is null ? 2 : 0) + (debt.Call.End is CallEnd.Left ? 1 : 0)))
        {
            if (open.Find(entry => IsFor(entry, debt)) is { } found)
                open.Remove(found);
            else if (debt.IsCertain)
                faults.Add($"Not booked: {debt.Call}");
        }

        // Whoever deletes a session stops its turn at any moment.
        return faults.Concat(open
            .Where(entry => !naive.Sessions.Any(session => session.IsGone && session.Id == entry.Subject.SessionId))
            .Select(entry => $"Booked for nothing: {entry}"));
    }

    private static bool IsFor(LedgerEntry entry, Debt debt)
    {
        var usage = entry.Usage;
        return entry.Subject.Upstream == debt.Call.Upstream
            && debt.Askers.Exists(act => (act.Key, act.Session.Id) == (entry.Subject.KeyId, entry.Subject.SessionId))
            && (!debt.IsCertain || IsUsed(usage, debt))
            && entry is { LeaseExpired: false, IsCorrection: false, SavedNanoUsd: 0 }
            && Usd([entry]) == (usage.InputTokens * CallSettings.InputPrice) + (usage.OutputTokens * CallSettings.OutputPrice);
    }

    private static bool IsUsed(TokenUsage usage, Debt debt) => debt.Used is { } used
        ? (usage.InputTokens, usage.OutputTokens, usage.Estimated) == (used.Input, used.Output, false)
        : usage is { InputTokens: > 0, Estimated: true } && (usage.OutputTokens > 0 || debt.Call.End is CallEnd.Left);

    /// <summary>A turn tells what is booked for it.</summary>
    private static IEnumerable<string> Costs(NaiveTurn turn, List<LedgerEntry> entries)
    {
        var own = entries.Where(entry => entry.OperationId.StartsWith($"{turn.Id}/", StringComparison.Ordinal)).ToList();
        if (own.Exists(entry => entry.Subject.SessionId != turn.Session.Id || entry.Subject.Model != turn.Model) || own.Select(entry => entry.Subject.KeyId).Distinct().Count() > 1)
            yield return $"It is booked elsewhere: {turn}\n{string.Join('\n', own)}";

        var due = Line(own);
        var told = turn.View.GetProperty("usage").ValueKind is JsonValueKind.Object ? Line(turn.View.GetProperty("usage"), turn.View) : Line([]);
        if (due != told)
            yield return $"It tells of {told} and is booked as {due}: {turn}\n{turn.View}\n{string.Join('\n', own)}";
    }

    private static IEnumerable<string> Spend(JsonElement scope, List<LedgerEntry> entries)
    {
        if (scope.GetProperty("budget").ValueKind is not JsonValueKind.Object)
            yield break;

        var name = scope.GetProperty("scope").GetString()!;
        var due = Usd(entries.Where(entry => ScopesOf(entry.Subject).Contains(name)));
        if (scope.GetProperty("budget").GetProperty("spentUsd").GetDecimal() != due)
            yield return $"Its entries are {due}: {scope}";
    }

    private static string[] ScopesOf(LedgerSubject subject) => ["org", $"key:{subject.KeyId}", $"team:{subject.Team}", $"session:{subject.SessionId}"];

    private async Task<IEnumerable<string>> ReportAsync(string group, Func<LedgerEntry, string> partOf, List<LedgerEntry> entries)
    {
        var report = await world.UsageAsync(group);
        var due = entries.GroupBy(partOf).Select(part => $"{part.Key}: {part.Count()} {Line([.. part])}").Order(StringComparer.Ordinal).ToList();
        var told = report.GetProperty("items").EnumerateArray()
            .Select(item => $"{item.GetProperty("group").GetString()}: {item.GetProperty("requests")} {Line(item, item)}").Order(StringComparer.Ordinal).ToList();
        return told.SequenceEqual(due) ? [] : [$"By {group} were used\n{string.Join('\n', due)}\nand are told\n{string.Join('\n', told)}"];
    }

    private static string Line(List<LedgerEntry> entries) =>
        $"{entries.Sum(entry => entry.Usage.InputTokens)} {entries.Sum(entry => entry.Usage.OutputTokens)} {Usd(entries):0.#########}";

    private static string Line(JsonElement usage, JsonElement cost) =>
        $"{usage.GetProperty("inputTokens")} {usage.GetProperty("outputTokens")} {cost.GetProperty("costUsd").GetDecimal():0.#########}";

    private static decimal Usd(IEnumerable<LedgerEntry> entries) => NanoUsd.ToUsd(entries.Sum(entry => entry.NanoUsd));

    /// <summary>What a call is to be booked as.</summary>
    /// <param name="Call">The call.</param>
    /// <param name="Askers">Those who may have to pay.</param>
    /// <param name="Used">The tokens; null where the gateway counts.</param>
    private sealed record Debt(PlayedCall Call, List<TurnAct> Askers, (long Input, long Output)? Used)
    {
        /// <summary>Whether it must be booked, and just so.</summary>
        public bool IsCertain { get; init; } = true;
    }
}
