using System.Globalization;
using OrleansChat.Core.Costs;

namespace OrleansChat.GatewayApi.Operation;

/// <summary>What was used, by group.</summary>
/// <param name="Items">The groups, in the order of their names.</param>
/// <param name="Total">All of them together.</param>
internal sealed record UsageReport(IReadOnlyList<UsageLine> Items, UsageLine Total);

/// <summary>What a group used.</summary>
/// <param name="Group">Its name; empty for what belongs to no team or asked no upstream.</param>
/// <param name="Requests">Requests that were settled.</param>
/// <param name="InputTokens">Input tokens.</param>
/// <param name="OutputTokens">Output tokens.</param>
/// <param name="CostUsd">The cost in US dollars: exactly the sum of the ledgers' entries.</param>
/// <param name="SavedUsd">What answers from the cache would have cost, in US dollars; no part of the cost.</param>
/// <param name="CachedInputTokens">The part of the input tokens that upstreams read from their caches.</param>
/// <param name="CacheWriteInputTokens">The part of the input tokens that upstreams wrote to their caches.</param>
/// <param name="ReasoningTokens">The part of the output tokens that was reasoning.</param>
/// <param name="FreeTokens">Tokens that free ones of the key's budget covered.</param>
/// <param name="FreeUsd">What those would have cost, in US dollars; no part of the cost.</param>
/// <param name="EstimatedRequests">Requests whose tokens were counted here, since the upstream gave no usage.</param>
internal sealed record UsageLine(
    string Group,
    long Requests,
    long InputTokens,
    long OutputTokens,
    decimal CostUsd,
    decimal SavedUsd,
    long CachedInputTokens,
    long CacheWriteInputTokens,
    long ReasoningTokens,
    long FreeTokens,
    decimal FreeUsd,
    long EstimatedRequests);

/// <summary>Sums ledgers up.</summary>
/// <param name="groupBy"><c>key</c>, <c>team</c>, <c>model</c>, <c>upstream</c> or <c>day</c> (UTC).</param>
internal sealed class UsageSum(string groupBy)
{
    private const string Nobody = "";
    private readonly SortedDictionary<string, Sum> _groups = new(StringComparer.Ordinal);
    private readonly Sum _total = new();

    /// <summary>Adds an entry.</summary>
    public void Add(LedgerEntry entry)
    {
        var group = GroupOf(entry);
        if (!_groups.TryGetValue(group, out var sum))
            _groups[group] = sum = new Sum();
        sum.Add(entry);
        _total.Add(entry);
    }

    /// <summary>The sums so far.</summary>
    public UsageReport ToReport() => new([.. _groups.Select(pair => pair.Value.ToLine(pair.Key))], _total.ToLine("total"));

    private string GroupOf(LedgerEntry entry) => groupBy switch
    {
        "key" => entry.Subject.KeyId,
        "team" => entry.Subject.Team ?? Nobody,
        "upstream" => entry.Subject.Upstream ?? Nobody,
        "day" => entry.SettledAt.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        _ => entry.Subject.Model,
    };

    private sealed class Sum
    {
        private long _requests;
        private long _input;
        private long _output;
        private Int128 _nanoUsd;
        private Int128 _savedNanoUsd;
        private long _cached;
        private long _written;
        private long _reasoning;
        private long _free;
        private Int128 _freeNanoUsd;
        private long _estimated;

        public void Add(LedgerEntry entry)
        {
            // A reservation that was charged when its lease ran out may be corrected by a later entry: one request all the same.
            _requests += entry.IsCorrection ? 0 : entry.Count;
            _input += entry.Usage.InputTokens;
            _output += entry.Usage.OutputTokens;
            _nanoUsd += entry.NanoUsd;
            _savedNanoUsd += entry.SavedNanoUsd;
            _cached += entry.Usage.CachedInputTokens;
            _written += entry.Usage.CacheWriteInputTokens;
            _reasoning += entry.Usage.ReasoningTokens;
            _free += entry.FreeTokens;
            _freeNanoUsd += entry.FreeNanoUsd;
            _estimated += entry.Usage.Estimated && !entry.IsCorrection ? entry.Count : 0;
        }

        // Many keys together may have spent more than 64 bits hold.
        public UsageLine ToLine(string group) =>
            new(group, _requests, _input, _output, Usd(_nanoUsd), Usd(_savedNanoUsd), _cached, _written, _reasoning, _free, Usd(_freeNanoUsd), _estimated);

        private static decimal Usd(Int128 nanoUsd) => (decimal)nanoUsd / NanoUsd.PerUsd;
    }
}
