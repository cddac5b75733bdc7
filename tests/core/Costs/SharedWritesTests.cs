using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Tests.Sessions;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing;
using OrleansChat.Testing.Actors;
using OrleansChat.Testing.Costs;

namespace OrleansChat.Core.Tests.Costs;

/// <summary>Settlements for which nobody waits: in the book at once, on the disk some milliseconds later, together.</summary>
public sealed class SharedWritesTests
{
    private static readonly LedgerSubject Subject = new("k", null, null, "m", null);

    private readonly InMemoryStore _store = new();
    private readonly FakeClock _clock = new();

    [Fact]
    public async Task Settlements_ForWhichNobodyWaits_AreInTheBookAtOnceAndDurableTogether()
    {
        var tracker = await OpenAsync();
        var first = tracker.SettleAsync(Settlement("a", mayShare: true), default).AsTask();
        var second = tracker.SettleAsync(Settlement("b", mayShare: true), default).AsTask();
        Assert.Equal(["a", "b"], await EntriesAsync(tracker));
        Assert.False(first.IsCompleted || second.IsCompleted);
        Assert.Empty(await EntriesAsync(await OpenAsync()));

        _clock.Advance(TimeSpan.FromMilliseconds(8));

        await Task.WhenAll(first, second);
        Assert.Equal(["a", "b"], await EntriesAsync(await OpenAsync()));
    }

    [Fact]
    public async Task Settlement_ForWhichSomebodyWaits_TakesTheOthersAlong()
    {
        var tracker = await OpenAsync();
        var patient = tracker.SettleAsync(Settlement("a", mayShare: true), default).AsTask();

        await tracker.SettleAsync(Settlement("b", mayShare: false), default);

        await patient;
        Assert.Equal(["a", "b"], await EntriesAsync(await OpenAsync()));
    }

    [Fact]
    public async Task Activation_ThatWaitsForItsCallsToEnd_LetsNoneOfThemWaitForOthers()
    {
        var tracker = await OpenAsync();
        var patient = tracker.SettleAsync(Settlement("a", mayShare: true), default).AsTask();

        ((IActorLifecycle)tracker).Close();

        await patient;
    }

    [Fact]
    public async Task Activation_ThatEndsBeforeTheWrite_LeavesNothingUnwritten()
    {
        var tracker = await OpenAsync();
        var patient = tracker.SettleAsync(Settlement("a", mayShare: true), default).AsTask();

        await tracker.DeactivateAsync(default);

        await patient;
        Assert.Equal(["a"], await EntriesAsync(await OpenAsync()));
    }

    private static CostSettlement Settlement(string id, bool mayShare) => new(id, Subject, new TokenUsage(1, 1), 5) { MayShareWrite = mayShare };

    private static async Task<IEnumerable<string>> EntriesAsync(CostTrackerActor tracker) => (await tracker.ReadLedgerAsync()).Select(entry => entry.OperationId);

    private async Task<CostTrackerActor> OpenAsync()
    {
        var context = new InMemoryActorContext(_store, "costs", "k", new SessionWorld());
        var options = new TestOptions<OrleansChatOptions>(new OrleansChatOptions());
        var tracker = new CostTrackerActor(
            context, context.MainState<CostTrackerState>(), _clock, options, [], NullLogger<CostTrackerActor>.Instance);
        await tracker.ActivateAsync(default);
        return tracker;
    }
}
