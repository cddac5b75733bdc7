using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Conversations.Steps;

/// <summary>Draws and does one thing after the other: clients ask, read, leave and stop, upstreams say, end and fail, time passes, hosts die and stop.</summary>
internal sealed class RandomSteps(Random random, StepWorld world, StepRun run, StepStory story)
{
    private const int LongWaits = 2;

    private static readonly TimeSpan LongWait = TimeSpan.FromSeconds(45);

    private readonly StepOrders _orders = new(random, world, run, story);
    private readonly StepDeaths _deaths = new(random, world, run, story);
    private int _longWaits;

    /// <summary>The deaths of hosts so far.</summary>
    public StepDeaths Deaths => _deaths;

    /// <summary>Does one step.</summary>
    public async Task StepAsync()
    {
        var busy = run.Busy;
        var session = run.Sessions[random.Next(run.Sessions.Count)];
        switch (random.Next(40))
        {
            case < 10 when session.Running is null && MayBegin(session):
                await BeginAsync(session);
                break;
            case 10 when session.Running is not null:
                await AskInVainAsync(session);
                break;
            case 11 or 12 when session.Running?.Turn.ClientTurnId is not null || session.Ended.Exists(turn => turn.Turn.ClientTurnId is not null):
                await RepeatAsync(session);
                break;
            case 13 or 14 when session.Running is not null:
                story.Tell($"a reader comes to {session}");
                session.Readers!.Add(session.Key, run.DrawReading(), random.NextInt64(session.Readers.Last + 1));
                break;
            case 15 when session.Readers?.Acts.FirstOrDefault(act => !act.Doing.IsCompleted) is { } act:
                story.Tell($"{act} leaves");
                await act.LeaveAsync();
                break;
            case 16 when session.Running is not null:
                await CancelAsync(session);
                break;
            case 17 or 18 or 19 or 20 when run.Turns.Any(turn => turn.HedgeDue is not null):
                await WaitAsync(TimeSpan.FromTicks(run.Turns.Select(turn => turn.HedgeDue).OfType<long>().Min() - world.Now));
                break;
            case 21 when _longWaits < LongWaits:
                _longWaits++;
                await WaitAsync(LongWait);
                break;
            case 22 when run.Turns.All(turn => turn.Key != StepSettings.Lone):
                await _deaths.DieAsync(_orders);
                break;
            case 23:
                await _deaths.HandOverAsync();
                break;
            case > 23 when busy.Count > 0:
                await HaveSaidAsync(busy[random.Next(busy.Count)].Running!);
                break;
        }
    }

    /// <summary>Brings all turns to an end.</summary>
    public async Task RestAsync()
    {
        while (run.Busy is [var session, ..])
        {
            if (random.Next(6) == 0)
                await CancelAsync(session);
            else
                await HaveSaidAsync(session.Running!);
        }

        _longWaits = 0;
    }

    private bool MayBegin(StepSession session) =>
        session.Key != StepSettings.Lone || (world.Now >= _deaths.FreeFrom && run.Turns.All(turn => turn.Key != StepSettings.Lone));

    private async Task BeginAsync(StepSession session)
    {
        var act = run.Ask(session);
        story.Tell($"{act} in {session}");
        await TestWait.UntilAsync(() => act.Doing.IsCompleted || world.Upstreams.LiveOf(world.Host, act.Question.Number).Count > 0);
        Assert.False(act.Doing.IsCompleted, $"It is refused: {act}");
        run.Follow(session, act, await run.FindRunningAsync(session) ?? "none");
        await run.SettleAsync();
        story.Note($"asks {act.Way}");
    }

    private async Task AskInVainAsync(StepSession session)
    {
        var act = run.Ask(session);
        await act.Doing;
        Assert.True(act is { Status: 409, Code: "turn_in_progress", TurnId: null }, $"A turn runs: {act} in {session}");
        story.Note("asks in vain");
    }

    /// <summary>An id that has a turn has no other.</summary>
    private async Task RepeatAsync(StepSession session)
    {
        var running = session.Running?.Turn.ClientTurnId is not null && random.Next(2) == 0 ? session.Running : null;
        var turn = running ?? session.Ended.FindLast(turn => turn.Turn.ClientTurnId is not null) ?? session.Running!;
        var act = new TurnAct(session.Key, session.Session, turn.Turn.Question, random.Next(2) == 0 ? Way.Whole : Way.Events) { ClientTurnId = turn.Turn.ClientTurnId };
        act.Start(world);
        story.Tell($"{act} again, of {turn}");
        if (turn == session.Running)
        {
            session.Readers!.Add(act);
            story.Note("joins");
            return;
        }

        await act.Doing;
        Assert.True(act.TurnId == turn.Turn.Id, $"It should be {turn}: {act}");
        story.Note("repeats");
    }

    private async Task CancelAsync(StepSession session)
    {
        story.Tell($"{session} is stopped");
        var act = new OrderAct(session.Key, session.Session, random.Next(2) == 0 ? Order.Cancel : Order.CancelByFrame) { Turn = session.Running!.Turn };
        act.Start(world);
        session.Running.Cancel();
        await run.SettleAsync();
        await act.Doing;
        Assert.True(act is { Status: 202 or 200, Broken: null }, $"It should be stopped: {act}");
    }

    private async Task WaitAsync(TimeSpan time)
    {
        story.Tell($"{time} passes");
        run.Pass(time);
        await run.SettleAsync();
    }

    /// <summary>One of a turn's calls goes on.</summary>
    private async Task HaveSaidAsync(StepTurn turn)
    {
        var asked = turn.Asked.ToList();
        var failures = await Task.WhenAll(asked.Select(world.FailuresAsync));
        _orders.Draw(turn)(turn);

        // Where a call fails beside another one and nobody takes its place, no upstream tells whether the host has heard of it, and the other may answer next.
        if (turn is { End: null, Winner: null } && asked.FindIndex(upstream => !turn.Asked.Contains(upstream)) is >= 0 and var failed)
            await TestWait.UntilAsync(async () => await world.FailuresAsync(asked[failed]) > failures[failed]);
        await run.SettleAsync();
    }
}
