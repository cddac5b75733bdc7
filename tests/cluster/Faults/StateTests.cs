using OrleansChat.Cluster.Tests.Hosts;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Turns;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing.Costs;

namespace OrleansChat.Cluster.Tests.Faults;

/// <summary>What is written is found again by another activation, and a store that fails acknowledges nothing.</summary>
public sealed class StateTests : IAsyncLifetime
{
    private static readonly ApiKey Owner = new() { Id = "owner" };

    private TestSilos _silos = null!;

    public async Task InitializeAsync() => _silos = await TestSilos.StartAsync();

    public async Task DisposeAsync() => await _silos.DisposeAsync();

    [Fact]
    public async Task EveryState_IsReadBackByTheNextActivation()
    {
        var session = _silos.Actors.Session("s");
        await session.CreateAsync(Owner, new SessionSettings { Title = "T" }, default);
        var turn = await session.StartTurnAsync(Owner, new TurnRequest { Message = "Hello" }, default);
        (await _silos.Upstream.NextCallAsync()).Say("Good day").End();
        await foreach (var _ in session.ReadTurnAsync(Owner, turn.TurnId, 0, default))
        {
        }

        var subject = new LedgerSubject("owner", null, "s", "default", "scripted");
        await _silos.Actors.CostTracker("key:x").SettleAsync(new CostSettlement("op", subject, TokenUsage.Zero, 7), default);
        await _silos.Actors.RateLimiter("key:x").AcquireAsync(new RateLimitRequest { OperationId = "op", Limits = new RateLimits { RequestsPerDay = 2 } }, default);
        await _silos.Actors.CircuitBreaker("up").TripAsync("ann", default);
        await _silos.Actors.Collections().AddAsync("docs", default);
        await _silos.Actors.OpenTurns("shard-00").AddAsync("other", "work", default);
        Assert.Equal(
            ["circuit-breaker", "collection-index", "cost-tracker", "open-turns", "rate-limiter", "session", "session-deadlines", "session-index"],
            _silos.Store.Keys.Select(key => key.Split('/')[0]).Distinct().Order(StringComparer.Ordinal));

        await _silos.RestartAsync(TimeSpan.FromSeconds(20));

        session = _silos.Actors.Session("s");
        Assert.Equal(["Hello", "Good day"], (await session.DescribeAsync(Owner, SessionScope.ActivePath, default)).Messages.Select(message => message.Content));
        Assert.Equal("T", Assert.Single((await _silos.Actors.SessionIndex(Owner.Id).ListAsync(10, null, null, default)).Items).Title);
        Assert.NotNull(Assert.Single((await _silos.Actors.SessionIndex(Owner.Id).ListAsync(10, null, "day", default)).Items).Matches);
        Assert.Equal(7, (await _silos.Actors.CostTracker("key:x").DescribeAsync(null, default)).SpentNanoUsd);
        var limits = await _silos.Actors.RateLimiter("key:x").DescribeAsync(new RateLimits { RequestsPerDay = 2 }, default);
        Assert.True(limits.RequestsPerDay!.Remaining <= 1);
        Assert.Equal("ann", (await _silos.Actors.CircuitBreaker("up").DescribeAsync(default)).By);
        Assert.Equal(["docs"], await _silos.Actors.Collections().ListAsync(default));
    }

    [Fact]
    public async Task Call_WhileTheStoreIsLost_FailsWithARetryTimeAndTakesNoEffect()
    {
        var session = _silos.Actors.Session("s");
        await session.CreateAsync(Owner, new SessionSettings { Title = "before" }, default);

        _silos.Store.IsLost = true;
        var refusal = await Assert.ThrowsAsync<StorageException>(
            async () => await session.UpdateAsync(Owner, new SessionChanges { Title = "lost" }, default));
        Assert.Equal(503, refusal.Problem.Status);
        Assert.True(refusal.Problem.RetryAfterSeconds > 0);
        _silos.Store.IsLost = false;

        Assert.Equal("before", (await session.DescribeAsync(Owner, SessionScope.Settings, default)).Title);
        Assert.Equal("after", (await session.UpdateAsync(Owner, new SessionChanges { Title = "after" }, default)).Title);
    }

    [Fact]
    public async Task Call_WhoseActivationCannotReadItsState_FailsWithARetryTimeAndRecovers()
    {
        _silos.Store.IsLost = true;
        var refusal = await Assert.ThrowsAsync<StorageException>(
            async () => await _silos.Actors.Session("s").CreateAsync(Owner, new SessionSettings(), default));
        Assert.Equal(503, refusal.Problem.Status);
        Assert.True(refusal.Problem.RetryAfterSeconds > 0);

        _silos.Store.IsLost = false;
        Assert.Equal("s", (await _silos.Actors.Session("s").CreateAsync(Owner, new SessionSettings(), default)).Id);
    }

    [Fact]
    public async Task Call_OfAnActivationThatIsNotTheOwner_IsRepeatedOnceByAFreshOne()
    {
        var tracker = _silos.Actors.CostTracker("key:x");
        var subject = new LedgerSubject("owner", null, null, "default", "scripted");
        await tracker.SettleAsync(new CostSettlement("a", subject, TokenUsage.Zero, 1), default);

        // Somebody else writes what is stored already, under a version of its own.
        _silos.Store.Touch("cost-tracker/key:x/main");
        await tracker.SettleAsync(new CostSettlement("b", subject, TokenUsage.Zero, 2), default);
        await tracker.SettleAsync(new CostSettlement("b", subject, TokenUsage.Zero, 2), default);

        Assert.Equal(3, (await tracker.DescribeAsync(null, default)).SpentNanoUsd);
        var entries = await tracker.ReadLedgerAsync();

        Assert.Equal(["a", "b"], entries.Select(entry => entry.OperationId));
    }
}
