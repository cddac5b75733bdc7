using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Sessions.TurnLogs;
using OrleansChat.Core.Turns;
using OrleansChat.Testing;

namespace OrleansChat.Core.Tests.Sessions;

public sealed class SessionCrashTests : SessionTest
{
    [Fact]
    public async Task Recover_AfterTheFirstCrash_RestartsTheTurnUnderFreshNumbers()
    {
        var session = await NewSessionAsync();
        var turn = await AskAsync(session, "Hello");
        (await World.Upstream.NextCallAsync()).Say("Half an answer");
        var seen = await ReadUntilAsync(session, turn, shown => shown is TurnDelta);

        World.Crash();
        Assert.Equal(1, await RecoverAllAsync());
        Answer(await World.Upstream.NextCallAsync(), "A whole answer");
        var after = await ReadAsync(World.Session(session.Id), turn, seen[^1].Sequence);

        AssertContiguous(seen, after);
        Assert.Equal("A whole answer", TextOf([.. seen, .. after]));
        Assert.Equal(2, Assert.Single(after.OfType<TurnRestarted>()).Attempt);
        Assert.Equal(["Hello", "A whole answer"], await PathAsync(World.Session(session.Id)));
        Assert.Equal([$"{turn.TurnId}/1", $"{turn.TurnId}/2"], World.Admission.Asked.Select(asked => asked.OperationId));
        Assert.Equal($"{turn.TurnId}/2", Assert.Single(World.Admission.Settled).Operation);
        Assert.Equal([($"{turn.TurnId}/1", World.Admission.Cost)], World.Admission.Lost);

        // The entry goes after the last event was shown.
        await TestWait.UntilAsync(async () => (await RegisteredAsync(session.Id)).Count == 0);
    }

    [Fact]
    public async Task Recover_AfterTheSecondCrash_MarksTheTurnInterrupted()
    {
        var session = await NewSessionAsync();
        var turn = await AskAsync(session, "Hello");
        (await World.Upstream.NextCallAsync()).Say("First");
        var seen = await ReadUntilAsync(session, turn, shown => shown is TurnDelta);
        World.Crash();
        await RecoverAllAsync();
        (await World.Upstream.NextCallAsync()).Say("Second");
        seen.AddRange(await ReadUntilAsync(World.Session(session.Id), turn, shown => shown is TurnDelta { Text: "Second" }, seen[^1].Sequence));

        World.Crash();
        await RecoverAllAsync();
        var after = await ReadAsync(World.Session(session.Id), turn, seen[^1].Sequence);

        AssertContiguous(seen, after);
        Assert.IsType<TurnInterrupted>(after[^1]);
        Assert.Equal(TurnStatus.Interrupted, (await World.Session(session.Id).GetTurnAsync(Owner, turn.TurnId)).Status);
        Assert.Equal(2, World.Upstream.Count);
        Assert.Equal([$"{turn.TurnId}/1", $"{turn.TurnId}/2"], World.Admission.Lost.Select(lost => lost.Operation));

        // Whoever reads from the beginning finds the same numbers and kinds as whoever read along.
        var replayed = await ReadAsync(World.Session(session.Id), turn);
        Assert.Equal(seen.Concat(after).Select(shown => (shown.Sequence, shown is TurnDelta)), replayed.Select(shown => (shown.Sequence, shown is TurnDelta)));
        Assert.Equal(TurnStatus.Completed, (await ChatAsync(World.Session(session.Id), "Again", "Fine")).Status);
    }

    [Fact]
    public async Task Recover_AfterManyEvents_NeverUsesAShownNumberAgain()
    {
        var session = await NewSessionAsync();
        var turn = await AskAsync(session, "Hello");
        var call = await World.Upstream.NextCallAsync();
        for (var piece = 0; piece < (5 * SequenceAllowance.Block) + 7; piece++)
            call.Say($"{piece} ");

        var last = $"{(5 * SequenceAllowance.Block) + 6} ";
        var seen = await ReadUntilAsync(session, turn, shown => shown is TurnDelta delta && delta.Text == last);
        World.Crash();
        Answer(await RecoveredCallAsync(session), "Whole");
        var after = await ReadAsync(World.Session(session.Id), turn, seen[^1].Sequence);

        AssertContiguous(seen, after);
        Assert.Equal("Whole", TextOf([.. seen, .. after]));
        Assert.InRange(after.Count(shown => shown is TurnDelta { Text: "" }), 0, SequenceAllowance.LongestBlock);
    }

    [Fact]
    public async Task Recover_AfterAnUpstreamBrokeOff_ShowsThatRestartAgainAtItsPlace()
    {
        var session = await NewSessionAsync();
        var turn = await AskAsync(session, "Hello");
        (await World.Upstream.NextCallAsync()).Say("Half").Fail(new UpstreamException("one", UpstreamFailure.Connection, "cut"));
        (await World.Upstreams["two"].NextCallAsync()).Say("Other");
        var seen = await ReadUntilAsync(session, turn, shown => shown is TurnDelta { Text: "Other" });

        World.Crash();
        Answer(await RecoveredCallAsync(session), "Whole");
        var whole = await ReadAsync(World.Session(session.Id), turn);

        Assert.Equal([2, 3], whole.OfType<TurnRestarted>().Select(restart => restart.Attempt));
        Assert.Equal(seen.Single(shown => shown is TurnRestarted).Sequence, whole.First(shown => shown is TurnRestarted).Sequence);
        Assert.Equal([$"{turn.TurnId}/1", $"{turn.TurnId}/2", $"{turn.TurnId}/3"], World.Admission.Asked.Select(asked => asked.OperationId));
    }

    [Fact]
    public async Task Recover_WhenLimitsRefuseForAMoment_WaitsForThem()
    {
        var (session, turn) = await RecoverIntoARefusalAsync();

        World.Admission.Refuse = static _ => null;
        World.Clock.Advance(TimeSpan.FromSeconds(5));
        Answer(await World.Upstream.NextCallAsync(), "Hi");

        Assert.Equal(TurnStatus.Completed, (await EndOfAsync(World.Session(session.Id), turn)).Status);
    }

    [Fact]
    public async Task Recover_OfAnAttemptThatWasNeverAdmitted_ChargesTheOneBeforeAlone()
    {
        var (session, turn) = await RecoverIntoARefusalAsync();

        World.Crash();
        await RecoverAllAsync();
        await EndOfAsync(World.Session(session.Id), turn);

        // It is charged twice under one name, which is once.
        Assert.Equal([$"{turn.TurnId}/1"], World.Admission.Lost.Select(lost => lost.Operation).Distinct());
    }

    [Fact]
    public async Task Recover_OfATurnThatWasHandedOver_ChargesNothingForWhatIsSettled()
    {
        var session = await NewSessionAsync();
        var turn = await AskAsync(session, "Hello");
        (await World.Upstream.NextCallAsync()).Say("Half");
        await ReadUntilAsync(session, turn, shown => shown is TurnDelta);
        await session.DeactivateAsync(new CancellationToken(true));

        World.Crash();
        Answer(await RecoveredCallAsync(session), "Whole");
        await EndOfAsync(World.Session(session.Id), turn);

        Assert.Empty(World.Admission.Lost);
        Assert.Equal([$"{turn.TurnId}/1", $"{turn.TurnId}/2"], World.Admission.Settled.Select(settled => settled.Operation));
    }

    [Fact]
    public async Task Recover_WhenNothingWasOpen_ClearsTheStaleEntry()
    {
        var session = await NewSessionAsync();
        await World.OpenTurns(OpenTurnShards.Of(session.Id)).AddAsync(session.Id, "gone", default);

        await RecoverAllAsync();

        Assert.Empty(await RegisteredAsync(session.Id));
    }

    [Fact]
    public async Task Deactivate_WhenTheTurnEndsInTime_SavesIt()
    {
        var session = await NewSessionAsync();
        var turn = await AskAsync(session, "Hello");
        var call = await World.Upstream.NextCallAsync();

        var stopping = session.DeactivateAsync();
        Answer(call, "Hi");
        await stopping;

        Assert.Equal(["Hello", "Hi"], await PathAsync(session));
        Assert.Equal(TurnStatus.Completed, (await session.GetTurnAsync(Owner, turn.TurnId)).Status);
    }

    [Fact]
    public async Task Deactivate_WhenTheHostWaitsNoLonger_SettlesAndLeavesTheTurnToTheNextStart()
    {
        var session = await NewSessionAsync();
        var turn = await AskAsync(session, "Hello");
        var call = await World.Upstream.NextCallAsync();
        call.Say("Half");
        var seen = await ReadUntilAsync(session, turn, shown => shown is TurnDelta);
        using var patience = new CancellationTokenSource();

        var stopping = session.DeactivateAsync(patience.Token);
        await patience.CancelAsync();
        await stopping;

        Assert.True(call.Stopped.IsCancellationRequested);
        Assert.Equal($"{turn.TurnId}/1", Assert.Single(World.Admission.Settled).Operation);
        Assert.Equal([session.Id], await RegisteredAsync(session.Id));
        Answer(await RecoveredCallAsync(session), "Whole");
        var after = await ReadAsync(session, turn, seen[^1].Sequence);
        AssertContiguous(seen, after);
        Assert.Equal("Whole", TextOf([.. seen, .. after]));
    }

    [Fact]
    public async Task Deactivate_AnyNumberOfTimes_IsNoCrashAndTheTurnBeginsAgain()
    {
        var session = await NewSessionAsync();
        var turn = await AskAsync(session, "Hello");
        for (var stop = 0; stop < 4; stop++)
        {
            (await World.Upstream.NextCallAsync()).Say("Half");
            await session.DeactivateAsync(new CancellationToken(true));
            await session.RecoverAsync();
        }

        Answer(await World.Upstream.NextCallAsync(), "Whole");

        Assert.Equal("Whole", TextOf(await ReadAsync(session, turn)));
        Assert.Equal(TurnStatus.Completed, (await session.GetTurnAsync(Owner, turn.TurnId)).Status);
    }

    [Fact]
    public async Task StartTurn_WhenItsRecordCannotBeWritten_TakesTheReservationBackAndSaysSo()
    {
        var session = await NewSessionAsync();
        World.Store.BeforeWrite = key => key.EndsWith("main", StringComparison.Ordinal) ? throw new StorageException("The disk is full.") : Task.CompletedTask;

        await Assert.ThrowsAsync<StorageException>(() => AskAsync(session, "Hello"));
        World.Store.BeforeWrite = null;

        Assert.Single(World.Admission.Released);
        Assert.Empty(await PathAsync(session));
        Assert.Equal(0, World.Upstream.Count);
    }

    [Fact]
    public async Task EndOfTurn_WhenItCannotBeWritten_IsNotShownAndTheTurnIsBroughtBack()
    {
        var session = await NewSessionAsync();
        var turn = await AskAsync(session, "Hello");
        var call = await World.Upstream.NextCallAsync();
        World.Store.BeforeWrite = key => key.Contains("messages/", StringComparison.Ordinal) ? throw new StorageException("The disk is full.") : Task.CompletedTask;
        Answer(call, "Hi");
        await TestWait.UntilAsync(() => session.Context!.IsDeactivationRequested);
        World.Store.BeforeWrite = null;

        var reading = ReadAsync(session, turn);
        Answer(await World.Upstream.NextCallAsync(), "Hi again");

        Assert.Equal("Hi again", TextOf(await reading));
        Assert.Equal(["Hello", "Hi again"], await PathAsync(session));
    }

    private async Task<int> RecoverAllAsync() => await new OpenTurnRecovery(World, NullLogger<OpenTurnRecovery>.Instance).RunAsync(default);

    /// <summary>A turn whose host died while its attempt ran, and whose next attempt waits for a limit.</summary>
    private async Task<(SessionHandle Session, TurnView Turn)> RecoverIntoARefusalAsync()
    {
        var session = await NewSessionAsync();
        var turn = await AskAsync(session, "Hello");
        await World.Upstream.NextCallAsync();
        World.Crash();
        World.Admission.Refuse = static _ => Problem.Of(ProblemCode.RateLimited, "Slow down.") with { RetryAfterSeconds = 5 };
        await RecoverAllAsync();
        await TestWait.UntilAsync(() => World.Clock.HasTimerIn(TimeSpan.FromSeconds(5)));
        return (session, turn);
    }

    private async Task<OrleansChat.Testing.Chat.ScriptedChatCall> RecoveredCallAsync(SessionHandle session)
    {
        await World.Session(session.Id).RecoverAsync();
        return await World.Upstream.NextCallAsync();
    }

    private ValueTask<IReadOnlyList<string>> RegisteredAsync(string sessionId) => World.OpenTurns(OpenTurnShards.Of(sessionId)).ListAsync(default);

    private static void AssertContiguous(List<TurnEvent> seen, List<TurnEvent> after) =>
        Assert.Equal(Enumerable.Range(1, seen.Count + after.Count).Select(number => (long)number), seen.Concat(after).Select(shown => shown.Sequence));
}
