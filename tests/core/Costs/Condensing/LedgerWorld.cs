using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Tests.Sessions;
using OrleansChat.Testing;
using OrleansChat.Testing.Actors;

namespace OrleansChat.Core.Tests.Costs.Condensing;

/// <summary>One ledger over a store that outlives its activations.</summary>
internal sealed class LedgerWorld
{
    public const string Key = "k";

    public InMemoryStore Store { get; } = new();

    public FakeClock Clock { get; } = new();

    /// <summary>Pages of entries that are stored, whether they count or not.</summary>
    public int StoredPages => Store.Keys.Count(static key => long.TryParse(key[(key.LastIndexOf('/') + 1)..], out _) && !key.Contains("/sums/", StringComparison.Ordinal));

    /// <summary>Pages of sums that are stored.</summary>
    public int StoredSums => Store.Keys.Count(static key => key.Contains("/sums/", StringComparison.Ordinal));

    /// <summary>Makes an activation, without activating it.</summary>
    public (CostTrackerActor Tracker, InMemoryActorContext Context) Make(int retentionDays, string zone = "UTC")
    {
        var context = new InMemoryActorContext(Store, "costs", Key, new SessionWorld());
        var options = new OrleansChatOptions { Ledger = new LedgerOptions { RetentionDays = retentionDays }, Org = new OrgOptions { TimeZone = zone } };
        var tracker = new CostTrackerActor(
            context, context.MainState<CostTrackerState>(), Clock, new TestOptions<OrleansChatOptions>(options), [], NullLogger<CostTrackerActor>.Instance);
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
        await Store.WriteAsync(key, Encoding.UTF8.GetBytes(record.ToJsonString()), version, static () => false);
    }

    public static async Task<List<LedgerEntry>> ReadAsync(CostTrackerActor tracker, DateTimeOffset? from = null, DateTimeOffset? to = null)
    {
        var entries = new List<LedgerEntry>();
        await foreach (var entry in tracker.ReadLedgerAsync(from ?? DateTimeOffset.MinValue, to ?? DateTimeOffset.MaxValue, default))
            entries.Add(entry);

        return entries;
    }
}
