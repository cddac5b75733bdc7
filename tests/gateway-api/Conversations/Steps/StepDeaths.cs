using OrleansChat.Core.RateLimiting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Conversations.Steps;

/// <summary>Has hosts die and stop, and holds what the next one goes on with against what was said and told before.</summary>
internal sealed class StepDeaths(Random random, StepWorld world, StepRun run, StepStory story)
{
    /// <summary>Whether a host has died since the books were looked at.</summary>
    public bool HasDied { get; private set; }

    /// <summary>When nothing is held any more that dead hosts may have admitted, in ticks.</summary>
    public long FreeFrom { get; private set; }

    /// <summary>Turns of which nobody was told, and nothing is left.</summary>
    public int LostTurns { get; private set; }

    /// <summary>The books have been looked at.</summary>
    public void Forget() => HasDied = false;

    /// <summary>The host dies, at rest or just after something has begun, and another one goes on.</summary>
    /// <param name="orders">Draws what upstreams do just then.</param>
    public async Task DieAsync(StepOrders orders)
    {
        StepTurn? changed = null;
        (StepSession Session, TurnAct Act)? begun = null;
        var busy = run.Busy;
        switch (random.Next(4))
        {
            case 0 when busy.Count > 0:
                changed = busy[random.Next(busy.Count)].Running!;
                break;
            case 1 when run.Sessions.FirstOrDefault(session => session is { Running: null, Key: StepSettings.Ann }) is { } idle:
                begun = (idle, run.Ask(idle));
                break;
        }

        var applied = changed?.Copy();
        if (applied is not null)
            orders.Draw(changed!)(applied);
        for (var patience = changed is null && begun is null ? 0 : random.Next(100); patience > 0; patience--)
            await Task.Yield();

        story.Tell($"the host dies, {applied} and {begun?.Act} just then");
        foreach (var session in busy)
            await session.Readers!.LeaveAsync();
        if (begun is { Act: var asked })
            await asked.LeaveAsync();
        await world.CrashAsync();

        // What a dead limiter may have admitted is held from its next activation on.
        await world.ScopesAsync();
        (HasDied, FreeFrom) = (true, world.Now + (RateLimitRequest.DefaultLease + TimeSpan.FromSeconds(1)).Ticks);
        story.Note(changed is not null ? "dies while something is said" : begun is not null ? "dies while something is asked" : "dies");
        foreach (var session in busy)
        {
            var died = session.Running!.Copy();
            died.Die(world.Now);
            List<StepTurn> ways = [died];
            if (session.Running == changed)
            {
                if (applied!.End is null)
                    applied.Die(world.Now);
                ways.Add(applied);
            }

            await TakeUpAsync(session, ways);
        }

        if (begun is { Session: var place, Act: var act })
            await FindBegunAsync(place, act);
        await run.SettleAsync();
    }

    /// <summary>The host stops in order, and another one goes on.</summary>
    public async Task HandOverAsync()
    {
        story.Tell("the host stops");
        foreach (var session in run.Busy)
            await session.Readers!.LeaveAsync();
        await world.RestartAsync();
        story.Note("stops");
        foreach (var session in run.Busy)
        {
            var next = session.Running!.Copy();
            next.HandOver(world.Now);
            await TakeUpAsync(session, [next]);
        }

        await run.SettleAsync();
    }

    /// <summary>Finds out which of the ways that a turn can have gone it has.</summary>
    private async Task TakeUpAsync(StepSession session, List<StepTurn> ways)
    {
        var readers = session.Readers!;
        var isTold = readers.AreTold;
        StepRun.Require(readers.ComeBack(session.Key, run.DrawReading));
        var last = await world.LastSequenceAsync(session.Running!.Turn);
        StepTurn? found = null;
        try
        {
            await TestWait.UntilAsync(() => readers.Witness.Heard.Last >= last && (found = ways.Find(IsFound)) is not null);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"It was not taken up as any of\n{string.Join('\n', ways)}\nbut with restarts {string.Join(", ", readers.Restarts)}: {readers.Witness}");
        }

        Assert.False(isTold && found!.End is null, $"Somebody was told of its end: {found}");
        foreach (var other in ways.Where(other => other != found))
            found!.OweEither(other);
        session.Running = found;

        bool IsFound(StepTurn way) => readers.Restarts.SequenceEqual(way.Restarts)
            && (way.End is null ? world.Upstreams.LiveOf(world.Host, way.Turn.Question.Number).Count > 0 : readers.Witness.Heard.HasEnd);
    }

    /// <summary>A turn that was named to whoever asked for it is there; any other may be.</summary>
    private async Task FindBegunAsync(StepSession session, TurnAct act)
    {
        if (await run.FindRunningAsync(session) is not { } id)
        {
            Assert.True(act.TurnId is null && act.Heard.Events.Count == 0, $"It is gone: {act} in {session}");
            LostTurns++;
            story.Note("begins in vain");
            return;
        }

        run.Follow(session, act, id);
        session.Running!.Die(world.Now);
        if (act.Heard.Last > 0)
            session.Readers!.Add(session.Key, run.DrawReading(), act.Heard.Last);
        story.Note("begins before a death");
    }
}
