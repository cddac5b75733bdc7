using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Errors;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Tests.Sessions;
using OrleansChat.Testing;
using OrleansChat.Testing.Actors;
using OrleansChat.Testing.Costs;

namespace OrleansChat.Core.Tests.Costs;

/// <summary>Two activations of one scope over one store, as on the two sides of a partition.</summary>
public sealed class StaleCostTrackerTests
{
    private const int Reservations = 5_000;
    private static readonly LedgerSubject Subject = new("k", null, null, "m", null);

    private readonly InMemoryStore _store = new();
    private readonly FakeClock _clock = new();

    [Fact]
    public async Task Record_OfAnActivationThatOwnsTheScopeNoMore_LeavesTheOwnersReservationsAlone()
    {
        var stale = await OpenAsync();
        await ReserveAsync(stale, "before", Reservations);
        var owner = await OpenAsync();
        await ReserveAsync(owner, "owner", 100);

        await Assert.ThrowsAsync<StorageException>(() => ReserveAsync(stale, "stale", 1));

        _clock.Advance(RateLimitRequest.LongestLease);
        var charged = (await (await OpenAsync()).ReadLedgerAsync()).Select(entry => entry.OperationId).ToHashSet();
        Assert.Equal(Reservations + 100, charged.Count);
        Assert.DoesNotContain("stale/0", charged);
    }

    /// <summary>Reserves, and puts it on record.</summary>
    private static async Task ReserveAsync(CostTrackerActor tracker, string name, int count)
    {
        for (var i = 0; i < count; i++)
            await tracker.ReserveAsync(new CostReservationRequest { OperationId = $"{name}/{i}", NanoUsd = 1, Subject = Subject }, default);

        await tracker.RenewAsync($"{name}/0", RateLimitRequest.DefaultLease, default);
    }

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
