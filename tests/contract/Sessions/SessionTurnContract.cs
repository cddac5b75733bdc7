using OrleansChat.Core.Errors;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Turns;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Contract.Tests.Sessions;

/// <summary>What a session promises of its turns, over whichever host: streamed, resumed, cancelled, brought back after a crash.</summary>
/// <typeparam name="THost">Starts the host.</typeparam>
public abstract class SessionTurnContract<THost>(ITestOutputHelper output) : SessionSuite<THost>
    where THost : ISessionHostFactory
{
    [Fact]
    public async Task Turn_FromItsStart_IsReadAsItComesAndStoredAtItsEnd()
    {
        var session = await NewSessionAsync();
        var turn = await session.StartTurnAsync(Owner, new TurnRequest { Message = "Hello" }, default);
        var call = await Host.Upstream.NextCallAsync();
        await using var reader = session.ReadTurnAsync(Owner, turn.TurnId, 0, default).GetAsyncEnumerator();
        Assert.True(await reader.MoveNextAsync());
        Assert.IsType<TurnStarted>(reader.Current);

        call.Say("Good ");
        Assert.True(await reader.MoveNextAsync());
        Assert.Equal("Good ", Assert.IsType<TurnDelta>(reader.Current).Text);
        call.Say("day").End();
        var rest = await ReadAsync(session, turn.TurnId, reader.Current.Sequence);

        Assert.Equal([3L, 4], rest.Select(shown => shown.Sequence));
        Assert.IsType<TurnCompleted>(rest[^1]);
        await Host.RestartAsync(Patience);
        Assert.Equal(["Hello", "Good day"], await PathAsync(session));
        Assert.Equal(rest, await ReadAsync(session, turn.TurnId, 2));
    }

    [Fact]
    public async Task Turn_WhileItRuns_LeavesTheSessionFreeForOtherCalls()
    {
        var session = await NewSessionAsync();
        var turn = await session.StartTurnAsync(Owner, new TurnRequest { Message = "Hello" }, default);
        await Host.Upstream.NextCallAsync();

        Assert.Equal(turn.TurnId, (await session.DescribeAsync(Owner, SessionScope.ActivePath, default)).ActiveTurnId);
        await session.UpdateAsync(Owner, new SessionChanges { Title = "New" }, default);
        var refusal = await Assert.ThrowsAsync<RequestException>(
            async () => await session.StartTurnAsync(Owner, new TurnRequest { Message = "More" }, default));
        Assert.Equal("turn_in_progress", refusal.Problem.Code);

        await session.CancelTurnAsync(Owner, turn.TurnId, default);
        Assert.IsType<TurnCancelled>((await ReadAsync(session, turn.TurnId))[^1]);
    }

    [Fact]
    public async Task Turn_WithReadersThatBreakOff_IsReadByEachWholeAndOnce()
    {
        var random = Seed.Print(output);
        var session = await NewSessionAsync();
        for (var round = 0; round < 5; round++)
        {
            var turn = await session.StartTurnAsync(Owner, new TurnRequest { Message = $"Round {round}" }, default);
            var call = await Host.Upstream.NextCallAsync();
            var readers = Enumerable.Range(0, 8).Select(_ => ReadWithBreaksAsync(session, turn.TurnId, new Random(random.Next()))).ToList();
            var text = "";
            for (var piece = random.Next(100, 400); piece > 0; piece--)
            {
                call.Say($"{piece} ");
                text += $"{piece} ";
                if (random.Next(3) == 0)
                    await Task.Yield();
            }

            call.End();
            var logs = await Task.WhenAll(readers);
            Assert.All(logs, log => Assert.Equal(text, TextOf(log)));
            Assert.All(logs, log => Assert.Equal(Enumerable.Range(1, log.Count).Select(number => (long)number), log.Select(shown => shown.Sequence)));
        }
    }

    [Fact]
    public async Task Crash_InMidTurn_RestartsItOnceAndThenMarksIt()
    {
        var session = await NewSessionAsync();
        var turn = await session.StartTurnAsync(Owner, new TurnRequest { Message = "Hello", ClientTurnId = "mine" }, default);
        (await Host.Upstream.NextCallAsync()).Say("First");
        var seen = await ReadUntilAsync(session, turn.TurnId, "First", 0);

        await Host.CrashAsync();
        (await Host.Upstream.NextCallAsync()).Say("Second");
        seen.AddRange(await ReadUntilAsync(session, turn.TurnId, "Second", seen[^1].Sequence));
        Assert.Equal("Second", TextOf(seen));
        Assert.Equal(turn.TurnId, (await session.StartTurnAsync(Owner, new TurnRequest { Message = "Hello", ClientTurnId = "mine" }, default)).TurnId);

        await Host.CrashAsync();
        seen.AddRange(await ReadAsync(session, turn.TurnId, seen[^1].Sequence));
        Assert.IsType<TurnInterrupted>(seen[^1]);
        Assert.Equal(Enumerable.Range(1, seen.Count).Select(number => (long)number), seen.Select(shown => shown.Sequence));
        Assert.Equal(TurnStatus.Interrupted, (await session.GetTurnAsync(Owner, turn.TurnId, default)).Status);
    }

    [Fact]
    public async Task Crash_WhileTwoCallsOfATurnAreUnderWay_ChargesBoth()
    {
        var session = await NewSessionAsync();
        var turn = await session.StartTurnAsync(Owner, new TurnRequest { Message = "Hello", Model = "hedged" }, default);
        await Host.Upstream.NextCallAsync();
        await Host.Upstream.NextCallAsync();

        await Host.CrashAsync();
        (await Host.Upstream.NextCallAsync()).Say("Whole").End();
        Assert.Equal("Whole", TextOf(await ReadAsync(session, turn.TurnId)));

        var charged = (await LedgerAsync()).Where(entry => entry.LeaseExpired).ToList();
        Assert.Equal([$"{turn.TurnId}/1", $"{turn.TurnId}/1/hedge"], charged.Select(entry => entry.OperationId).Order());
        Assert.True(charged[0].NanoUsd > 0);
        Assert.Equal(charged[0].NanoUsd, charged[1].NanoUsd);
    }

    [Fact]
    public async Task Turn_WhoseAnswerIsFarTooLong_IsCutOnceAndTheSessionGoesOn()
    {
        var session = await NewSessionAsync();
        var turn = await session.StartTurnAsync(Owner, new TurnRequest { Message = "Hello" }, default);
        var call = await Host.Upstream.NextCallAsync();
        for (var piece = 0; piece < 17; piece++)
            call.Say(new string((char)('a' + piece), 999_999));

        // It never ends: the session ends it.
        var events = await ReadAsync(session, turn.TurnId).WaitAsync(Patience);

        var end = Assert.IsType<TurnCompleted>(events[^1]);
        Assert.Equal("length", end.FinishReason);
        Assert.True(call.Stopped.IsCancellationRequested);
        Assert.DoesNotContain(events, shown => shown is TurnRestarted);
        Assert.Equal(new string('a', 999_999) + "b", TextOf(events));
        await Host.RestartAsync(Patience);
        Assert.Equal(["Hello", TextOf(events)], await PathAsync(session));
        Assert.Equal(events, await ReadAsync(session, turn.TurnId));

        var next = await session.StartTurnAsync(Owner, new TurnRequest { Message = "Briefly?" }, default);
        (await Host.Upstream.NextCallAsync()).Say("Yes.").End();
        Assert.IsType<TurnCompleted>((await ReadAsync(session, next.TurnId))[^1]);
    }

    [Fact]
    public async Task Stop_WithoutPatience_LeavesTheTurnToTheNextStart()
    {
        var session = await NewSessionAsync();
        var turn = await session.StartTurnAsync(Owner, new TurnRequest { Message = "Hello" }, default);
        var call = await Host.Upstream.NextCallAsync();
        call.Say("Half");
        var seen = await ReadUntilAsync(session, turn.TurnId, "Half", 0);

        await Host.RestartAsync(TimeSpan.Zero);
        (await Host.Upstream.NextCallAsync()).Say("Whole").End();
        seen.AddRange(await ReadAsync(session, turn.TurnId, seen[^1].Sequence));

        Assert.True(call.Stopped.IsCancellationRequested);
        Assert.Equal("Whole", TextOf(seen));
        Assert.Equal(["Hello", "Whole"], await PathAsync(session));
    }

    [Fact]
    public async Task Cancel_InMidStream_StopsTheUpstreamAndChargesWhatCame()
    {
        var session = await NewSessionAsync();
        var turn = await session.StartTurnAsync(Owner, new TurnRequest { Message = "Hello", Model = "priced" }, default);
        var call = await Host.Upstream.NextCallAsync();
        call.Say("Half an answer");
        await ReadUntilAsync(session, turn.TurnId, "Half an answer", 0);

        await session.CancelTurnAsync(Owner, turn.TurnId, default);
        Assert.IsType<TurnCancelled>((await ReadAsync(session, turn.TurnId))[^1]);

        Assert.True(call.Stopped.IsCancellationRequested);
        Assert.Equal(["Hello", "Half an answer"], await PathAsync(session));
        var charged = Assert.Single(await LedgerAsync());
        Assert.Equal(($"{turn.TurnId}/1", true), (charged.OperationId, charged.Usage.Estimated));
        Assert.True(charged is { NanoUsd: > 0, Usage.OutputTokens: > 0 });
    }
}
