using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Tests.Sessions;
using OrleansChat.Testing;
using OrleansChat.Testing.Actors;

namespace OrleansChat.Core.Tests.Costs.Ledgers;

/// <summary>One ledger over a store that outlives its activations.</summary>
internal sealed class LedgerWorld
{
    public const string Key = "k";

    public InMemoryStore Store { get; } = new();

    public FakeClock Clock { get; } = new();

    /// <summary>Pages of entries that are stored, whether they count or not.</summary>
    public int StoredPages => PageKeys.Count();

    /// <summary>The same, where each counts as many as are merged into it.</summary>
    public long HeldPages => PageKeys.Sum(key => 1 + Page(key).Merged);

    /// <summary>The most entries of a stored page.</summary>
    public int LongestPage => PageKeys.Max(key => Page(key).Entries.Count);

    /// <summary>Pages of sums that are stored.</summary>
    public int StoredSums => Store.Keys.Count(static key => key.Contains("/sums/", StringComparison.Ordinal));

    /// <summary>Makes an activation, without activating it.</summary>
    public (CostTrackerActor Tracker, InMemoryActorContext Context) Make(int retentionDays, string zone = "UTC", FakeClock? clock = null)
    {
        var context = new InMemoryActorContext(Store, "costs", Key, new SessionWorld());
        var options = new OrleansChatOptions { Ledger = new LedgerOptions { RetentionDays = retentionDays }, Org = new OrgOptions { TimeZone = zone } };
        var tracker = new CostTrackerActor(
            context, context.MainState<CostTrackerState>(), clock ?? Clock, new TestOptions<OrleansChatOptions>(options), [], NullLogger<CostTrackerActor>.Instance);
        return (tracker, context);
    }

    /// <summary>The record as it is stored.</summary>
    public CostTrackerState Record => new InMemoryActorState<CostTrackerState>(Store, $"costs/{Key}/main").Value;

    /// <summary>Takes out of the stored record what a silo of an older version leaves out when it writes it.</summary>
    public async Task ForgetCondensedAsync()
    {
        var key = $"costs/{Key}/main";
        var (value, version) = Store.Read(key);
        if (value is null)
            return;

        var record = JsonNode.Parse(value)!.AsObject();
        record.Remove("condensed");
        record.Remove("mergedPages");
        await Store.WriteAsync(key, Encoding.UTF8.GetBytes(record.ToJsonString()), version, static () => false);
    }

    /// <summary>Writes a page as a version did that told of none before it.</summary>
    public async Task ForgetEarlierAsync(long number)
    {
        var key = $"costs/{Key}/ledger/{number}";
        var page = Page(key);
        page.Earlier = null;
        await Store.WriteAsync(key, JsonSerializer.SerializeToUtf8Bytes(page, JsonSerializerOptions.Web), Store.Read(key).Version, static () => false);
    }

    public static async Task<List<LedgerEntry>> ReadAsync(CostTrackerActor tracker, DateTimeOffset? from = null, DateTimeOffset? to = null)
    {
        var entries = new List<LedgerEntry>();
        await foreach (var entry in tracker.ReadLedgerAsync(from ?? DateTimeOffset.MinValue, to ?? DateTimeOffset.MaxValue, default))
            entries.Add(entry);

        return entries;
    }

    private IEnumerable<string> PageKeys =>
        Store.Keys.Where(static key => long.TryParse(key[(key.LastIndexOf('/') + 1)..], out _) && !key.Contains("/sums/", StringComparison.Ordinal));

    private LedgerPage Page(string key) => new InMemoryActorState<LedgerPage>(Store, key).Value;
}
