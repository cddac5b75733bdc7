using OrleansChat.Core.Errors;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Turns;

namespace OrleansChat.Core.Tests.Sessions;

public sealed class SessionTurnTests
{
    private readonly SessionWorld _world = new();

    [Fact]
    public async Task StartTurn_WhenUpstreamAnswers_LogsEveryPieceAndAppendsTheWhole()
    {
        var session = await NewSessionAsync();

        var turn = await session.StartTurnAsync(SessionWorld.Owner, new TurnRequest { Message = "Hello" });
        var call = await _world.Upstream.NextCallAsync();
        call.Say("Good ").Say("day").Report(7, 2).End();
        var events = await ReadAsync(session, turn.TurnId);

        Assert.Equal([1L, 2, 3, 4], events.Select(shown => shown.Sequence));
        Assert.Equal(new TurnStarted(turn.TurnId, "answer", "Answering with model default.", "default") { Sequence = 1 }, events[0]);
        Assert.Equal("Good day", string.Concat(events.OfType<TurnDelta>().Select(delta => delta.Text)));
        var completed = Assert.IsType<TurnCompleted>(events[^1]);
        Assert.Equal((7, 2, false), (completed.Usage.InputTokens, completed.Usage.OutputTokens, completed.Usage.Estimated));
        Assert.Equal(("stop", "default", "one", 0.000001m), (completed.FinishReason, completed.Model, completed.Upstream, completed.CostUsd));

        var view = await session.DescribeAsync(SessionWorld.Owner, SessionScope.ActivePath);
        Assert.Equal([("user", "Hello"), ("assistant", "Good day")], view.Messages.Select(message => (message.Role, message.Content)));
        Assert.Equal(completed.MessageId, view.Messages[1].Id);
        Assert.Equal(view.Messages[0].Id, view.Messages[1].ParentId);
        Assert.Null(view.ActiveTurnId);
        var settled = Assert.Single(_world.Admission.Settled);
        Assert.Equal(($"{turn.TurnId}/1", "one"), (settled.Operation, settled.Upstream));
    }

    [Fact]
    public async Task StartTurn_WhileAnotherRuns_IsRefusedWithTheRunningTurn()
    {
        var session = await NewSessionAsync();
        var turn = await session.StartTurnAsync(SessionWorld.Owner, new TurnRequest { Message = "One" });

        var refusal = await Assert.ThrowsAsync<RequestException>(
            async () => await session.StartTurnAsync(SessionWorld.Owner, new TurnRequest { Message = "Two" }));

        Assert.Equal((409, turn.TurnId), (refusal.Problem.Status, refusal.Problem.Subject));
        Assert.NotEmpty(refusal.Problem.Suggestions);
    }

    private async Task<SessionHandle> NewSessionAsync()
    {
        var session = _world.Session(Guid.CreateVersion7().ToString());
        await session.CreateAsync(SessionWorld.Owner, new SessionSettings());
        return session;
    }

    private static async Task<List<TurnEvent>> ReadAsync(SessionHandle session, string turnId, long after = 0)
    {
        var events = new List<TurnEvent>();
        await foreach (var shown in session.ReadTurnAsync(SessionWorld.Owner, turnId, after))
            events.Add(shown);

        return events;
    }
}
