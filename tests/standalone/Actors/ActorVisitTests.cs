using OrleansChat.Core.Actors;
using OrleansChat.Standalone.Actors;

namespace OrleansChat.Standalone.Tests.Actors;

public sealed class ActorVisitTests
{
    private static readonly ActorMethod Ordinary = new("ordinary", Interleaves: false);
    private static readonly ActorMethod Interleaving = new("interleaving", Interleaves: true);
    private readonly ProbeHost _host = new();

    [Fact]
    public async Task Visit_OfAnActorThatIsNotInMemory_IsRefused_UntilACallHasActivatedIt()
    {
        var local = _host.Local("a");
        Assert.Null(local.TryBeginVisit());

        await SumAsync(_host.Actor("a"));

        End(await VisitAsync(local));
    }

    [Fact]
    public async Task Call_DuringAVisit_RunsAfterIt()
    {
        var actor = _host.Actor("a");
        await SumAsync(actor);
        var visit = await VisitAsync(_host.Local("a"));

        var call = actor.CallAsync(Interleaving, static (probe, amount, token) => probe.AddAsync(amount, token), 1, default).AsTask();
        var during = await InsideAsync(visit, static probe => probe.AddAsync(0, default));
        var isOver = call.IsCompleted;
        End(visit);

        Assert.Equal((0, false), (during, isOver));
        Assert.Equal(1, await call);
    }

    [Fact]
    public async Task Visit_WhileACallWaitsForItsTurn_IsRefused()
    {
        var actor = _host.Actor("a");
        await SumAsync(actor);
        var local = _host.Local("a");
        var visit = await VisitAsync(local);
        var call = actor.CallAsync(Interleaving, static (probe, amount, token) => probe.AddAsync(amount, token), 1, default).AsTask();

        Assert.Null(local.TryBeginVisit());

        End(visit);
        await call;
    }

    [Fact]
    public async Task Visit_WhileAnOrdinaryCallAwaits_IsLetIn_AsAnInterleavingCallIs()
    {
        var actor = _host.Actor("a");
        var waiting = actor.CallAsync(Ordinary, static (probe, _, token) => probe.WaitForReleaseAsync(token), 0, default).AsTask();
        var visit = await VisitAsync(_host.Local("a"));

        await InsideAsync(visit, static probe => probe.ReleaseAsync(default));
        End(visit);

        Assert.True(await waiting);
    }

    [Fact]
    public async Task WaitForTurn_DuringAVisit_EndsWhenCallsThatCameBeforeHaveRun()
    {
        var actor = _host.Actor("a");
        await SumAsync(actor);
        var local = _host.Local("a");
        var visit = await VisitAsync(local);
        var call = actor.CallAsync(Interleaving, static (probe, amount, token) => probe.AddAsync(amount, token), 1, default).AsTask();

        var turn = local.WaitForTurnAsync(default).AsTask();
        var isOver = turn.IsCompleted;
        End(visit);
        await turn;

        Assert.False(isOver);
        Assert.Equal(1, await SumAsync(actor));
        await call;
    }

    [Fact]
    public async Task WaitForTurn_WhileCallsWaitForAThread_EndsWhenTheyHaveRun()
    {
        var actor = _host.Actor("a");
        await SumAsync(actor);
        var local = _host.Local("a");
        for (var i = 0; i < 200; i++)
        {
            var visit = await VisitAsync(local);
            var calls = Enumerable.Range(0, 300).Select(_ => actor.CallAsync(Interleaving, static (probe, amount, token) => probe.AddAsync(amount, token), 1, default).AsTask()).ToList();
            End(visit);

            // It may run some of them itself, but not all at once.
            while (calls.Exists(static call => !call.IsCompleted))
                await local.WaitForTurnAsync(default);

            Assert.Equal(Enumerable.Range(i * 300, 300).Select(static sum => sum + 1), await Task.WhenAll(calls));
        }
    }

    [Fact]
    public async Task WaitForTurn_OfAnActorThatIsNotInMemory_ActivatesIt()
    {
        var local = _host.Local("a");

        await local.WaitForTurnAsync(default);

        End(await VisitAsync(local));
    }

    [Fact]
    public async Task VisitsCallsAndWaits_FromManyThreads_NeverShareAMoment()
    {
        var actor = _host.Actor("a");
        await SumAsync(actor);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            var local = _host.Local("a");
            for (var i = 0; i < 2_000; i++)
            {
                if (worker % 4 == 2)
                    await local.WaitForTurnAsync(default);
                if (worker % 2 == 0 && local.TryBeginVisit() is { } visit)
                {
                    await InsideAsync(visit, static probe => probe.AddAsync(1, default));
                    End(visit);
                }
                else
                {
                    await actor.CallAsync(Interleaving, static (probe, amount, token) => probe.AddAsync(amount, token), 1, default);
                }
            }
        })));

        Assert.Equal(16_000, await SumAsync(actor));
    }

    [Fact]
    public async Task Visit_InWhichTheActorEndsItself_IsEndedFirst()
    {
        var actor = _host.Actor("a");
        await SumAsync(actor);
        var local = _host.Local("a");
        var visit = await VisitAsync(local);

        await InsideAsync(visit, static probe => probe.EndAsync(default));
        Assert.Equal(["a activated"], _host.Journal);
        End(visit);

        // Whoever comes next finds a new activation, and can visit it.
        await SumAsync(actor);
        Assert.Equal(["a activated", "a deactivated", "a activated"], _host.Journal);
        End(await VisitAsync(local));
    }

    /// <summary>Visits as soon as the thread that answered the call before has left.</summary>
    private static async Task<IActorVisit<ProbeActor>> VisitAsync(LocalActor<ProbeActor> local)
    {
        IActorVisit<ProbeActor>? visit;
        while ((visit = local.TryBeginVisit()) is null)
            await Task.Yield();

        return visit;
    }

    private static ValueTask<int> SumAsync(ActorReference<ProbeActor> actor) =>
        actor.CallAsync(Ordinary, static (probe, _, token) => probe.AddAsync(0, token), 0, default);

    /// <summary>Calls within a visit, whose calls complete at once.</summary>
    private static ValueTask<T> InsideAsync<T>(IActorVisit<ProbeActor> visit, Func<ProbeActor, ValueTask<T>> call)
    {
        var outer = SynchronizationContext.Current;
        try
        {
            return call(visit.Enter());
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    private static void End(IActorVisit<ProbeActor> visit)
    {
        var outer = SynchronizationContext.Current;
        visit.End();
        SynchronizationContext.SetSynchronizationContext(outer);
    }
}
