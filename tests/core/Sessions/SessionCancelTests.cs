using OrleansChat.Core.Sessions;
using OrleansChat.Core.Turns;

namespace OrleansChat.Core.Tests.Sessions;

public sealed class SessionCancelTests : SessionTest
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cancel_InMidStream_StopsTheUpstreamAndKeepsAndBillsWhatCame(bool deaf)
    {
        var session = await NewSessionAsync();
        World.Upstream.Answer = call => call.IsDeaf = deaf;
        var turn = await AskAsync(session, "Hello");
        var call = await World.Upstream.NextCallAsync();
        call.Say("Half an answer");
        await ReadUntilAsync(session, turn, shown => shown is TurnDelta);

        await session.CancelTurnAsync(Owner, turn.TurnId);
        var events = await ReadAsync(session, turn);

        Assert.True(call.Stopped.IsCancellationRequested);
        var cancelled = Assert.IsType<TurnCancelled>(events[^1]);
        Assert.Equal(["Hello", "Half an answer"], await PathAsync(session));
        Assert.Equal(cancelled.MessageId, (await session.DescribeAsync(Owner, SessionScope.ActivePath)).Messages[^1].Id);
        var settled = Assert.Single(World.Admission.Settled);
        Assert.Equal((true, TokenEstimate.Count("Half an answer")), (settled.Usage.Estimated, settled.Usage.OutputTokens));
        Assert.Equal(TurnStatus.Cancelled, (await session.GetTurnAsync(Owner, turn.TurnId)).Status);
    }

    [Fact]
    public async Task Cancel_BeforeTheFirstToken_BillsThePromptAndAddsNoAnswer()
    {
        var session = await NewSessionAsync();
        var turn = await AskAsync(session, "Hello");
        await World.Upstream.NextCallAsync();

        await session.CancelTurnAsync(Owner, turn.TurnId);
        var events = await ReadAsync(session, turn);

        Assert.Null(Assert.IsType<TurnCancelled>(events[^1]).MessageId);
        Assert.Equal(0, Assert.Single(World.Admission.Settled).Usage.OutputTokens);
        Assert.Equal(["Hello"], await PathAsync(session));
    }

    [Fact]
    public async Task Cancel_AfterTheEnd_ChangesNothing()
    {
        var session = await NewSessionAsync();
        var ended = await ChatAsync(session, "Hello", "Hi");

        var view = await session.CancelTurnAsync(Owner, ended.TurnId);

        Assert.Equal(TurnStatus.Completed, view.Status);
        Assert.Equal(["Hello", "Hi"], await PathAsync(session));
    }

    [Fact]
    public async Task Delete_WhileATurnRuns_StopsItAndLeavesNothingStored()
    {
        var session = await NewSessionAsync();
        await ChatAsync(session, "Hello", "Hi", clientTurnId: "c");
        var turn = await AskAsync(session, "More");
        var call = await World.Upstream.NextCallAsync();
        call.Say("Half");
        await ReadUntilAsync(session, turn, shown => shown is TurnDelta);

        await session.DeleteAsync(Owner);

        Assert.True(call.Stopped.IsCancellationRequested);
        Assert.Equal(2, World.Admission.Settled.Count);
        Assert.DoesNotContain(World.Store.Keys, key => key.StartsWith($"session/{session.Id}/", StringComparison.Ordinal));
        Assert.Empty((await World.SessionIndex(Owner.Id).ListAsync(10, null, null, default)).Items);
        await Assert.ThrowsAsync<Core.Errors.RequestException>(async () => await session.DescribeAsync(Owner, SessionScope.Settings));
    }

    [Fact]
    public async Task Delete_WhenTheHostDiesInTheMiddle_IsFinishedByTheNext()
    {
        var session = await NewSessionAsync();
        await ChatAsync(session, "Hello", "Hi");
        var reached = new TaskCompletionSource();
        World.Store.BeforeWrite = async key =>
        {
            if (!key.Contains("messages/", StringComparison.Ordinal))
                return;

            reached.TrySetResult();
            await new TaskCompletionSource().Task;
        };
        _ = session.DeleteAsync(Owner).AsTask();
        await reached.Task;
        World.Store.BeforeWrite = null;
        World.Crash();

        await new OpenTurnRecovery(World, Microsoft.Extensions.Logging.Abstractions.NullLogger<OpenTurnRecovery>.Instance).RunAsync(default);

        Assert.DoesNotContain(World.Store.Keys, key => key.StartsWith($"session/{session.Id}/", StringComparison.Ordinal));
        Assert.Empty((await World.SessionIndex(Owner.Id).ListAsync(10, null, null, default)).Items);
        Assert.Empty(await World.OpenTurns(OpenTurnShards.Of(session.Id)).ListAsync(default));
    }
}
