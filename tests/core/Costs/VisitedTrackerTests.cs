using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Tests.Sessions;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing;
using OrleansChat.Testing.Actors;

namespace OrleansChat.Core.Tests.Costs;

/// <summary>What a cost tracker tells those who ask several scopes within one visit.</summary>
public sealed class VisitedTrackerTests
{
    private static readonly LedgerSubject Subject = new("k", null, null, "m", null);
    private static readonly Budget Hundred = new(100 * NanoUsd.PerUsd, BudgetWindow.Total);

    [Fact]
    public async Task Take_SetsAsideAsAReservationDoes_UntilItIsSettled()
    {
        var tracker = await OpenAsync();
        await ReserveAsync(tracker, "before", 10);

        Assert.True(Visited(tracker).MayTake(Request("a", 20), isNew: false));
        Visited(tracker).Take(Request("a", 20));

        Assert.Equal(30, (await tracker.DescribeAsync(Hundred, default)).ReservedNanoUsd);
        await tracker.SettleAsync(new CostSettlement("a", Subject, new TokenUsage(1, 1), 7), default);
        var status = await tracker.DescribeAsync(Hundred, default);
        Assert.Equal((10, 7), (status.ReservedNanoUsd, status.SpentNanoUsd));
    }

    [Fact]
    public async Task MayTake_ChangesNothing()
    {
        var tracker = await OpenAsync();
        await ReserveAsync(tracker, "before", 10);

        Assert.True(Visited(tracker).MayTake(Request("a", 20), isNew: false));

        Assert.Equal(10, (await tracker.DescribeAsync(Hundred, default)).ReservedNanoUsd);
    }

    [Fact]
    public async Task MayTake_BeyondTheRecord_IsNo_SinceTheReservationWouldHaveToWaitForIt()
    {
        var tracker = await OpenAsync();
        Assert.False(Visited(tracker).MayTake(Request("a", 20), isNew: false));

        // A ledger without a budget promises nothing.
        Assert.True(Visited(tracker).MayTake(Request("a", 20) with { Budget = null }, isNew: false));
    }

    [Fact]
    public async Task MayTake_OfWhatDoesNotFit_OrIsKnown_IsNo()
    {
        var tracker = await OpenAsync();
        await ReserveAsync(tracker, "a", 10);

        Assert.False(Visited(tracker).MayTake(Request("a", 10), isNew: false));
        Assert.False(Visited(tracker).MayTake(Request("b", Hundred.LimitNanoUsd), isNew: false));
    }

    private static IVisitedTracker Visited(CostTrackerActor tracker) => tracker;

    private static CostReservationRequest Request(string id, long nanoUsd) =>
        new() { OperationId = id, NanoUsd = nanoUsd, Budget = Hundred, Subject = Subject };

    private static async Task ReserveAsync(CostTrackerActor tracker, string id, long nanoUsd) =>
        Assert.True((await tracker.ReserveAsync(Request(id, nanoUsd), default)).Reserved);

    private static async Task<CostTrackerActor> OpenAsync()
    {
        var context = new InMemoryActorContext(new InMemoryStore(), "costs", "k", new SessionWorld());
        var options = new TestOptions<OrleansChatOptions>(new OrleansChatOptions());
        var tracker = new CostTrackerActor(
            context, context.MainState<CostTrackerState>(), new FakeClock(), options, [], NullLogger<CostTrackerActor>.Instance);
        await tracker.ActivateAsync(default);
        return tracker;
    }
}
