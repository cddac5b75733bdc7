using OrleansChat.Core.Actors;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing.Costs;

namespace OrleansChat.Cluster.Tests.Chaos;

/// <summary>Settlements of random amounts, some of them told twice.</summary>
internal sealed class CostLoad(IActorDirectory actors, int seed)
{
    private const int Callers = 4;
    private static readonly LedgerSubject Subject = new("chaos", null, null, "default", "scripted");

    private long _booked;
    private long _sum;

    /// <summary>Settlements that were acknowledged.</summary>
    public long Booked => Interlocked.Read(ref _booked);

    private ICostTrackerActor Tracker => actors.CostTracker("key:chaos");

    public Task RunAsync(CancellationToken stop) =>
        Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => SettleAsync(caller, new Random(seed + caller), stop), CancellationToken.None)));

    /// <summary>The ledger holds each settlement once, and their sum is what is spent.</summary>
    public async Task CheckAsync()
    {
        var entries = await Tracker.ReadLedgerAsync();

        Assert.Equal(Booked, entries.Count);
        Assert.Equal(Booked, entries.DistinctBy(entry => entry.OperationId).Count());
        Assert.Equal(_sum, entries.Sum(entry => entry.NanoUsd));
        Assert.Equal(_sum, (await Tracker.DescribeAsync(null, default)).SpentNanoUsd);
    }

    private async Task SettleAsync(int caller, Random random, CancellationToken stop)
    {
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            var settlement = new CostSettlement($"{caller}/{number}", Subject, TokenUsage.Zero, random.NextInt64(1, 1_000));
            await Tracker.SettleAsync(settlement, default);
            if (random.Next(10) == 0)
                await Tracker.SettleAsync(settlement, default);

            Interlocked.Add(ref _sum, settlement.NanoUsd);
            Interlocked.Increment(ref _booked);
        }
    }
}
