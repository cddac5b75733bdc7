using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Turns;
using OrleansChat.Testing;

namespace OrleansChat.Core.Tests.Sessions.Life;

/// <summary>Sessions that expire, and turn logs that are dropped, by the sweep.</summary>
public sealed class SessionLifeTests : SessionTest
{
    private static readonly SessionSettings Hour = new() { TtlMinutes = 60 };

    private SessionSweep Sweep => new(World, World.Clock, NullLogger<SessionSweep>.Instance);

    [Fact]
    public async Task Session_WhenItsTimeIsOver_IsNotFoundEvenBeforeTheSweep()
    {
        var session = await NewSessionAsync(Hour);

        World.Clock.Advance(TimeSpan.FromMinutes(59));
        await session.DescribeAsync(Owner, SessionScope.Settings);
        World.Clock.Advance(TimeSpan.FromMinutes(1));

        await AssertGoneAsync(session);
    }

    [Fact]
    public async Task Sweep_OfAnExpiredSession_RemovesAllOfIt()
    {
        var session = await NewSessionAsync(Hour);
        await ChatAsync(session, "Hello", "Hi");
        await TidiedAsync();
        World.Clock.Advance(TimeSpan.FromHours(2));

        Assert.Equal(1, await Sweep.RunAsync(default));

        Assert.DoesNotContain(World.Store.Keys, key => key.Contains(session.Id, StringComparison.Ordinal));
        Assert.Empty((await World.SessionIndex(Owner.Id).ListAsync(10, null, null, default)).Items);
        Assert.Equal((1, 0), (World.Counts.Expired, World.Counts.Removed));
        Assert.Equal(0, await Sweep.RunAsync(default));
    }

    [Fact]
    public async Task Sweep_AfterTheHostDied_StillFindsTheExpiredSession()
    {
        var session = await NewSessionAsync(Hour);
        World.Crash();
        World.Clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(1, await Sweep.RunAsync(default));
        await AssertGoneAsync(World.Session(session.Id));
    }

    [Fact]
    public async Task Sweep_WhileATurnRuns_LeavesTheSessionAndCountsItsTimeFromTheEnd()
    {
        var session = await NewSessionAsync(Hour);
        var turn = await AskAsync(session, "Hello");
        var call = await World.Upstream.NextCallAsync();
        World.Clock.Advance(TimeSpan.FromHours(3));

        Assert.Equal(0, await Sweep.RunAsync(default));
        Answer(call, "Hi");
        Assert.Equal(TurnStatus.Completed, (await EndOfAsync(session, turn)).Status);
        await TidiedAsync();

        World.Clock.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(0, await Sweep.RunAsync(default));
        Assert.Equal(["Hello", "Hi"], await PathAsync(session));
        World.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(1, await Sweep.RunAsync(default));
    }

    [Fact]
    public async Task Sweep_OfASessionThatWasUsedSince_LooksAgainAtItsNewEnd()
    {
        var session = await NewSessionAsync(Hour);
        World.Clock.Advance(TimeSpan.FromMinutes(50));
        await session.UpdateAsync(Owner, new SessionChanges { Title = "New" });
        World.Clock.Advance(TimeSpan.FromMinutes(50));

        Assert.Equal(0, await Sweep.RunAsync(default));
        World.Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(1, await Sweep.RunAsync(default));
    }

    [Fact]
    public async Task Sweep_OfASessionWithoutTimeToLive_DropsOldTurnLogsAndKeepsTheRest()
    {
        var session = await NewSessionAsync();
        var turns = new List<TurnView>();
        for (var number = 0; number < 5; number++)
            turns.Add(await ChatAsync(session, $"Question {number}", $"Answer {number}"));

        await session.DeactivateAsync();
        World.Clock.Advance(TimeSpan.FromHours(24));
        Assert.Equal(0, await Sweep.RunAsync(default));

        Assert.DoesNotContain(World.Store.Keys, key => key.Contains("/logs/", StringComparison.Ordinal));
        Assert.Equal("Answer 4", (await session.GetTurnAsync(Owner, turns[4].TurnId)).Message?.Content);
        var refusal = await Assert.ThrowsAsync<RequestException>(async () => await ReadAsync(session, turns[0]));
        Assert.Contains("no longer kept", refusal.Problem.Detail, StringComparison.Ordinal);
        Assert.Equal(10, (await PathAsync(session)).Count);
    }

    [Fact]
    public async Task Delete_OfASession_TakesItOffTheCalendar()
    {
        var session = await NewSessionAsync(Hour);

        await session.DeleteAsync(Owner);

        var calendar = World.SessionDeadlines(SessionDeadlineShards.Of(session.Id));
        Assert.Empty((await calendar.ListDueAsync(World.Clock.GetUtcNow().AddDays(40), 10, default)).Items);
        Assert.Equal((0, 1), (World.Counts.Expired, World.Counts.Removed));
    }

    [Fact]
    public async Task Sweep_OfASessionThatLivesForYears_LooksAtItInBetweenAndLeavesIt()
    {
        await NewSessionAsync(new SessionSettings { TtlMinutes = 525_600 });
        for (var month = 0; month < 11; month++)
        {
            World.Clock.Advance(TimeSpan.FromDays(33));
            Assert.Equal(0, await Sweep.RunAsync(default));
        }

        World.Clock.Advance(TimeSpan.FromDays(33));
        Assert.Equal(1, await Sweep.RunAsync(default));
    }

    [Fact]
    public async Task Counts_OfSessionsInMemory_FollowTheirActivations()
    {
        var session = await NewSessionAsync();
        await NewSessionAsync();
        Assert.Equal(2, World.Counts.Live);

        await session.DeactivateAsync();
        Assert.Equal(1, World.Counts.Live);
        await session.DescribeAsync(Owner, SessionScope.Settings);
        Assert.Equal(2, World.Counts.Live);
    }

    /// <summary>A turn's last event is shown before its deadline is on the calendar.</summary>
    private Task TidiedAsync() => World.Running.WhenNoneAsync().WaitAsync(TestWait.Limit);

    private static async Task AssertGoneAsync(SessionHandle session)
    {
        var refusal = await Assert.ThrowsAsync<RequestException>(async () => await session.DescribeAsync(Owner, SessionScope.Settings));
        Assert.Equal("not_found", refusal.Problem.Code);
    }
}
