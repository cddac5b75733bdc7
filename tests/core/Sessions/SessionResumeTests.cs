using OrleansChat.Core.Errors;
using OrleansChat.Core.Turns;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.Sessions;

public sealed class SessionResumeTests(ITestOutputHelper output) : SessionTest
{
    [Fact]
    public async Task ReadTurn_WithReadersThatBreakOffAtRandom_GivesEachTheWholeLogOnce()
    {
        var random = Seed.Print(output);
        var session = await NewSessionAsync();
        for (var round = 0; round < 20; round++)
        {
            var turn = await AskAsync(session, $"Round {round}");
            var pieces = Enumerable.Range(0, random.Next(1, 300)).Select(piece => $"{round}.{piece} ").ToList();
            var readers = Enumerable.Range(0, 6).Select(reader => ReadWithBreaksAsync(session, turn, new Random(random.Next()))).ToList();
            var call = await World.Upstream.NextCallAsync();
            foreach (var piece in pieces)
            {
                call.Say(piece);
                if (random.Next(4) == 0)
                    await Task.Yield();
            }

            call.End();
            var logs = await Task.WhenAll(readers);
            await session.DeactivateAsync();
            var stored = await ReadAsync(session, turn);

            Assert.Equal(string.Concat(pieces), TextOf(stored));
            Assert.All(logs, log => Assert.Equal(stored, log));
        }
    }

    [Fact]
    public async Task ReadTurn_WhenOneReaderStandsStill_EndsForTheOthersAndForTheUpstream()
    {
        var session = await NewSessionAsync();
        var turn = await AskAsync(session, "Hello");
        await using var still = session.ReadTurnAsync(Owner, turn.TurnId, 0).GetAsyncEnumerator();
        Assert.True(await still.MoveNextAsync());

        var call = await World.Upstream.NextCallAsync();
        for (var piece = 0; piece < 1_000; piece++)
            call.Say($"{piece} ");

        call.End();
        var events = await ReadAsync(session, turn);
        var rest = new List<TurnEvent> { still.Current };
        while (await still.MoveNextAsync())
            rest.Add(still.Current);

        Assert.Equal(1_002, events.Count);
        Assert.Equal(events, rest);
    }

    [Fact]
    public async Task ReadTurn_BeyondTheEnd_GivesNothing()
    {
        var session = await NewSessionAsync();
        var turn = await ChatAsync(session, "Hello", "Hi");

        Assert.Empty(await ReadUntilAsync(session, turn, _ => false, turn.LastSequence));
        Assert.Empty(await ReadUntilAsync(session, turn, _ => false, long.MaxValue));
    }

    [Fact]
    public async Task ReadTurn_OfYesterday_IsGoneButTheAnswerIsKept()
    {
        var session = await NewSessionAsync();
        var turn = await ChatAsync(session, "Hello", "Hi");
        await ChatAsync(session, "Other", "Turn");

        World.Clock.Advance(TimeSpan.FromHours(24));
        var refusal = await Assert.ThrowsAsync<RequestException>(() => ReadUntilAsync(session, turn, _ => false));

        Assert.Equal("not_found", refusal.Problem.Code);
        Assert.Equal("Hi", (await session.GetTurnAsync(Owner, turn.TurnId)).Message?.Content);
    }

    [Fact]
    public async Task EndOfTurn_WhenOldLogsHaveLapsed_ClearsThem()
    {
        var session = await NewSessionAsync();
        await ChatAsync(session, "One", "1", clientTurnId: "c");
        await ChatAsync(session, "Two", "2");
        World.Clock.Advance(TimeSpan.FromHours(24));

        await ChatAsync(session, "Three", "3");
        await session.DeactivateAsync();

        Assert.Single(World.Store.Keys, key => key.Contains("/logs/", StringComparison.Ordinal));
        Assert.DoesNotContain(World.Store.Keys, key => key.Contains("/clients/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ReadTurn_WhenTheReaderIsStopped_EndsAndTheTurnGoesOn()
    {
        var session = await NewSessionAsync();
        var turn = await AskAsync(session, "Hello");
        var call = await World.Upstream.NextCallAsync();
        using var stop = new CancellationTokenSource();
        await using var reader = session.ReadTurnAsync(Owner, turn.TurnId, 1, stop.Token).GetAsyncEnumerator(stop.Token);

        var waiting = reader.MoveNextAsync();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await waiting);
        Answer(call, "Hi");

        Assert.Equal(TurnStatus.Completed, (await EndOfAsync(session, turn)).Status);
    }

    private static async Task<List<TurnEvent>> ReadWithBreaksAsync(SessionHandle session, TurnView turn, Random random)
    {
        var events = new List<TurnEvent>();
        while (events is [] or [.., { IsLast: false }])
        {
            var patience = random.Next(1, 40);
            await foreach (var shown in session.ReadTurnAsync(Owner, turn.TurnId, events.Count))
            {
                events.Add(shown);
                if (--patience == 0)
                    break;
            }
        }

        return events;
    }
}
