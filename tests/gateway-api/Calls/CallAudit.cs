using System.Text.Json;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Calls;

/// <summary>Holds the gateway's ledgers, budgets, limits, reports and metrics against what is owed, once nobody asks any more.</summary>
internal sealed class CallAudit(CallWorld world, NaiveGateway naive)
{
    private static readonly TimeSpan Company = TimeSpan.FromMilliseconds(8);
    private static readonly string[] Groups = ["key", "team", "model", "upstream", "day"];

    /// <summary>Waits until all is booked, and looks at everything.</summary>
    /// <returns>What is wrong.</returns>
    public async Task<List<string>> CheckAsync()
    {
        var certain = naive.Owed.Count(owed => owed.IsCertain);
        try
        {
            await TestWait.UntilAsync(async () =>
            {
                // Entries are in the ledger at once, and counted when they are on the disk, for which they wait for each other.
                world.Clock.Advance(Company);
                var booked = await EntriesAsync();
                return booked.Count >= certain && (await world.ScopesAsync()).TrueForAll(HoldsNothing) && (await MetricsAsync(booked)).Count == 0;
            });
        }
        catch (TimeoutException)
        {
            // What follows says what is missing.
        }

        var entries = await EntriesAsync();
        var scopes = await world.ScopesAsync();
        naive.Spent = Usd(entries.Where(entry => entry.Subject.KeyId == CallSettings.Poor));

        List<string> faults = [.. scopes.Where(scope => !HoldsNothing(scope)).Select(scope => $"Something is held: {scope}")];
        faults.AddRange(Books(entries));
        foreach (var scope in scopes)
            faults.AddRange(await SpendAsync(scope, entries));
        foreach (var group in Groups)
            faults.AddRange(await ReportAsync(group, entries));
        faults.AddRange(await MetricsAsync(entries));
        return faults;
    }

    private async Task<List<LedgerEntry>> EntriesAsync()
    {
        var entries = new List<LedgerEntry>();
        foreach (var key in CallSettings.Keys)
            entries.AddRange(await world.LedgerAsync($"key:{key}"));
        return entries;
    }

    private static bool HoldsNothing(JsonElement scope) =>
        !(scope.GetProperty("limits").TryGetProperty("concurrent", out var places) && places.ValueKind is JsonValueKind.Object && places.GetProperty("inUse").GetInt64() != 0)
        && !(scope.GetProperty("budget").ValueKind is JsonValueKind.Object && scope.GetProperty("budget").GetProperty("reservedUsd").GetDecimal() != 0);

    private IEnumerable<string> Books(List<LedgerEntry> entries)
    {
        var open = new List<LedgerEntry>(entries);
        var missing = new List<Owed>();

        // Those that only one entry can be first.
        foreach (var owed in naive.Owed.OrderBy(owed => owed.IsCertain ? 0 : 1).ThenBy(owed => owed.MostOutput - owed.LeastOutput))
        {
            var found = open.Find(entry => IsFor(entry, owed));
            if (found is not null)
                open.Remove(found);
            else if (owed.IsCertain)
                missing.Add(owed);
        }

        return missing.Select(owed => $"Not booked: {owed}").Concat(open.Select(entry => $"Booked for nothing: {entry}"));
    }

    private static bool IsFor(LedgerEntry entry, Owed owed)
    {
        var usage = entry.Usage;
        return (entry.Subject.KeyId, entry.Subject.Model, entry.Subject.Upstream) == (owed.Key, owed.Model, owed.Upstream)
            && (IsCounted(usage, owed) || (!usage.Estimated && (usage.InputTokens, usage.OutputTokens) == owed.Told))
            && entry is { LeaseExpired: false, IsCorrection: false }
            && Usd([entry]) == (usage.InputTokens * CallSettings.InputPrice) + (usage.OutputTokens * CallSettings.OutputPrice)
            && (owed.Upstream is null || entry.SavedNanoUsd == 0);
    }

    private static bool IsCounted(TokenUsage usage, Owed owed) =>
        (owed.Input is { } input ? usage.InputTokens == input && !usage.Estimated : usage is { InputTokens: > 0, Estimated: true })
        && usage.OutputTokens >= owed.LeastOutput
        && usage.OutputTokens <= owed.MostOutput;

    private async Task<IEnumerable<string>> SpendAsync(JsonElement scope, List<LedgerEntry> entries)
    {
        if (scope.GetProperty("budget").ValueKind is not JsonValueKind.Object)
            return [];

        var name = scope.GetProperty("scope").GetString()!;
        var ledger = await world.LedgerAsync(name);
        var expected = entries.Where(entry => name == "org" || name == $"key:{entry.Subject.KeyId}" || name == $"team:{entry.Subject.Team}").ToList();
        var spent = scope.GetProperty("budget").GetProperty("spentUsd").GetDecimal();
        var limit = scope.GetProperty("budget").GetProperty("limitUsd");
        List<string> faults = [];
        if (spent != Usd(ledger) || spent != Usd(expected) || ledger.Count != expected.Count)
        {
            IEnumerable<LedgerEntry> odd =
            [
                .. ledger.ExceptBy(expected.Select(entry => entry.OperationId), entry => entry.OperationId),
                .. expected.ExceptBy(ledger.Select(entry => entry.OperationId), entry => entry.OperationId),
                .. ledger.GroupBy(entry => entry.OperationId).Where(same => same.Count() > 1).SelectMany(same => same),
            ];
            faults.Add($"{name} has spent {spent}, its {ledger.Count} entries are {Usd(ledger)}, and its operations {expected.Count} and {Usd(expected)}: {string.Join(", ", odd)}");
        }

        if (name == $"key:{CallSettings.Poor}" && (spent > naive.Budget || limit.GetDecimal() + scope.GetProperty("budget").GetProperty("toppedUpUsd").GetDecimal() < naive.Budget))
            faults.Add($"A budget of {naive.Budget}: {scope}");
        return faults;
    }

    private async Task<IEnumerable<string>> ReportAsync(string group, List<LedgerEntry> entries)
    {
        var report = await world.UsageAsync(group);
        var expected = entries.GroupBy(entry => group switch
        {
            "key" => entry.Subject.KeyId,
            "team" => entry.Subject.Team ?? "",
            "model" => entry.Subject.Model,
            "upstream" => entry.Subject.Upstream ?? "",
            _ => entry.SettledAt.UtcDateTime.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
        }).Select(part => Line(part.Key, [.. part])).Order(StringComparer.Ordinal).ToList();
        var actual = report.GetProperty("items").EnumerateArray().Select(Line).Order(StringComparer.Ordinal).ToList();
        var total = Line(report.GetProperty("total"));
        return actual.SequenceEqual(expected) && total == Line("total", entries)
            ? []
            : [$"By {group} were used\n{string.Join('\n', expected)}\nand are told\n{string.Join('\n', actual)}\n{total}"];
    }

    private static string Line(string name, List<LedgerEntry> entries) =>
        $"{name}: {entries.Count} {entries.Sum(entry => entry.Usage.InputTokens)} {entries.Sum(entry => entry.Usage.OutputTokens)} {Usd(entries):0.#########} "
        + $"{NanoUsd.ToUsd(entries.Sum(entry => entry.SavedNanoUsd)):0.#########} {entries.Count(entry => entry.Usage.Estimated)}";

    private static string Line(JsonElement item) =>
        $"{item.GetProperty("group").GetString()}: {item.GetProperty("requests")} {item.GetProperty("inputTokens")} {item.GetProperty("outputTokens")} {item.GetProperty("costUsd").GetDecimal():0.#########} "
        + $"{item.GetProperty("savedUsd").GetDecimal():0.#########} {item.GetProperty("estimatedRequests")}";

    private async Task<List<string>> MetricsAsync(List<LedgerEntry> entries)
    {
        var page = await world.MetricsAsync();
        var (hits, misses, told, uncertain) = naive.Cache.Counts;
        List<string> faults = [];
        var (foundHits, foundMisses) = (page.Sum("orleanschat_cache_requests_total", ("outcome", "hit")), page.Sum("orleanschat_cache_requests_total", ("outcome", "miss")));
        var rest = foundHits + foundMisses - hits - misses;
        if (foundHits < hits || foundMisses < misses || rest < told || rest > told + uncertain)
            faults.Add($"{naive.Cache.Counts} of hits, misses, both and neither are counted as {foundHits} hits and {foundMisses} misses");

        var refused = page.Sum("orleanschat_admission_refusals_total");
        if (refused < naive.Refused.Least || refused > naive.Refused.Most)
            faults.Add($"{naive.Refused} refusals are counted as {refused}");

        foreach (var part in entries.GroupBy(entry => (entry.Subject.KeyId, entry.Subject.Model)))
        {
            var cost = page.Sum("orleanschat_cost_usd_total", ("key", part.Key.KeyId), ("orleanschat_model", part.Key.Model));
            if (Math.Abs(cost - (double)Usd(part)) > 1e-6)
                faults.Add($"The cost of {part.Key} is {Usd(part)} and is told as {cost}");
        }

        foreach (var (kind, sum) in new[] { ("input", entries.Sum(entry => entry.Usage.InputTokens)), ("output", entries.Sum(entry => entry.Usage.OutputTokens)) })
        {
            var counted = page.Sum("gen_ai_client_token_usage_sum", ("gen_ai_token_type", kind));
            if (counted != sum)
                faults.Add($"{sum} {kind} tokens are told as {counted}");
        }

        return faults;
    }

    private static decimal Usd(IEnumerable<LedgerEntry> entries) => NanoUsd.ToUsd(entries.Sum(entry => entry.NanoUsd));
}
