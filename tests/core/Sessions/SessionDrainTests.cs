using OrleansChat.Core.Errors;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Turns;

namespace OrleansChat.Core.Tests.Sessions;

public sealed class SessionDrainTests : SessionTest
{
    [Fact]
    public async Task RunningTurns_CountsATurnUntilItsEndIsOnRecord()
    {
        var session = await NewSessionAsync();
        Assert.True(World.Running.WhenNoneAsync().IsCompleted);

        var turn = await session.StartTurnAsync(Owner, new TurnRequest { Message = "Hello" });
        var none = World.Running.WhenNoneAsync();
        Assert.Equal(1, World.Running.Count);
        Assert.False(none.IsCompleted);

        (await World.Upstream.NextCallAsync()).Say("Hi").End();
        await none;
        Assert.Equal(0, World.Running.Count);
        Assert.Equal(TurnStatus.Completed, (await session.GetTurnAsync(Owner, turn.TurnId)).Status);
    }

    [Fact]
    public async Task StartTurn_OnAHostThatStops_IsRefusedWithoutEffect()
    {
        var session = await NewSessionAsync();
        World.Running.Close();

        var refusal = await Assert.ThrowsAsync<HostStoppingException>(
            async () => await session.StartTurnAsync(Owner, new TurnRequest { Message = "Hello" }));

        Assert.Equal(503, refusal.Problem.Status);
        Assert.True(refusal.Problem.RetryAfterSeconds > 0);
        Assert.Empty((await session.DescribeAsync(Owner, SessionScope.ActivePath)).Messages);
    }

    [Fact]
    public async Task StartTurn_OfATurnThatRuns_IsAnsweredByAHostThatStops()
    {
        var session = await NewSessionAsync();
        var request = new TurnRequest { Message = "Hello", ClientTurnId = "one" };
        var turn = await session.StartTurnAsync(Owner, request);
        World.Running.Close();

        Assert.Equal(turn.TurnId, (await session.StartTurnAsync(Owner, request)).TurnId);
        (await World.Upstream.NextCallAsync()).Say("Hi").End();
        await World.Running.WhenNoneAsync();
    }
}
