using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Telemetry;
using OrleansChat.Standalone.Actors;
using OrleansChat.Testing;

namespace OrleansChat.Standalone.Tests.Actors;

public sealed class ActorSchedulingTests
{
    private static readonly ActorMethod Ordinary = new("ordinary", Interleaves: false);
    private static readonly ActorMethod Interleaving = new("interleaving", Interleaves: true);
    private readonly ProbeHost _host = new();

    [Fact]
    public async Task OrdinaryCalls_FromManyCallers_DoNotInterleave()
    {
        var actor = _host.Actor("a");

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var call = 0; call < 500; call++)
                await actor.CallAsync(Ordinary, static (probe, amount, token) => probe.AddSlowlyAsync(amount, token), 1, default);
        })));

        Assert.Equal(4000, await Sum(actor));
    }

    [Fact]
    public async Task InterleavingCalls_FromManyCallers_NeverShareAMoment()
    {
        var actor = _host.Actor("a");

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
            await actor.CallAsync(Interleaving, static (probe, rounds, token) => probe.SpinAsync(rounds, token), 2000, default))));

        var most = await actor.CallAsync(Ordinary, static (probe, _, _) => ValueTask.FromResult(probe.MostInside), 0, default);
        Assert.Equal(1, most);
    }

    [Fact]
    public async Task OrdinaryCall_WhileAnotherAwaits_WaitsForItsEnd()
    {
        var actor = _host.Actor("a");
        var first = Wait(actor, Ordinary);

        var second = actor.CallAsync(Ordinary, static (probe, amount, token) => probe.AddAsync(amount, token), 1, default).AsTask();
        await Release(actor);

        Assert.False(second.IsCompletedSuccessfully && !first.IsCompleted);
        await Task.WhenAll(first, second);
        Assert.Equal(["a activated", "waiting", "released"], _host.Journal);
    }

    [Fact]
    public async Task InterleavingCall_WhileAnotherAwaits_RunsAtOnce()
    {
        var actor = _host.Actor("a");
        var first = Wait(actor, Ordinary);

        await Release(actor);

        await first;
    }

    [Fact]
    public async Task Enumeration_WhileOrdinaryCallAwaits_GoesOn()
    {
        var actor = _host.Actor("a");
        var waiting = Wait(actor, Ordinary);

        var seen = new List<int>();
        await foreach (var number in actor.EnumerateAsync(static (probe, to, token) => probe.CountAsync(to, token), 3, default))
        {
            seen.Add(number);
            if (number == 3)
                await Release(actor);
        }

        Assert.Equal([1, 2, 3], seen);
        await waiting;
    }

    [Fact]
    public async Task QueuedCall_CancelledWhileItWaits_EndsAtOnceAndNeverRuns()
    {
        var actor = _host.Actor("a");
        var waiting = Wait(actor, Ordinary);
        using var cancellation = new CancellationTokenSource();
        var queued = actor.CallAsync(Ordinary, static (probe, amount, token) => probe.AddAsync(amount, token), 7, cancellation.Token).AsTask();

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queued);
        await Release(actor);
        await waiting;
        Assert.Equal(0, await Sum(actor));
    }

    [Fact]
    public async Task Calls_BeyondTheMailbox_AreRefusedAtOnceAndServedAgainWhenThereIsRoom()
    {
        var actor = _host.Actor("a");
        var first = Wait(actor, Ordinary);
        await TestWait.UntilAsync(() => _host.Journal.Contains("waiting"));
        var waiting = Enumerable.Range(0, ActorOverload.MostCalls).Select(_ => Add(actor)).ToArray();

        var refused = await Assert.ThrowsAsync<RequestException>(() => Add(actor));
        Assert.Equal((503, 1.0), (refused.Problem.Status, refused.Problem.RetryAfterSeconds));
        Assert.Equal(1, await Add(_host.Actor("b")));

        // The mailbox is full only until what was put into it is told apart from what may run at once.
        await TestWait.UntilAsync(async () =>
        {
            try
            {
                await Release(actor);
                return true;
            }
            catch (RequestException)
            {
                return false;
            }
        });
        await first;
        await Task.WhenAll(waiting);
        Assert.Equal(ActorOverload.MostCalls + 1, await Add(actor));

        static Task<int> Add(ActorReference<ProbeActor> actor) =>
            actor.CallAsync(Ordinary, static (probe, amount, token) => probe.AddAsync(amount, token), 1, default).AsTask();
    }

    [Fact]
    public async Task BriefCalls_HaveASpanOnlyWhereTheyWait()
    {
        var brief = new ActorMethod("brief", Interleaves: false, IsBrief: true);
        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == TelemetryNames.Source,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using var request = Spans.Start("request");
        var actor = _host.Actor("a");
        await Sum(actor);

        // The call before may not have left the mailbox yet, and then this one waits. What runs at once has run on its caller's thread before the caller is back;
        // whether the call has ended says less, for what waited may have ended by then too.
        await TestWait.UntilAsync(async () =>
        {
            ended.Clear();
            var thread = new StrongBox<int>();
            var call = actor.CallAsync(
                brief, static (_, thread, _) => ValueTask.FromResult(thread.Value = Environment.CurrentManagedThreadId), thread, default);
            var isAtOnce = Volatile.Read(ref thread.Value) == Environment.CurrentManagedThreadId;
            await call;
            return isAtOnce;
        });

        Assert.DoesNotContain(ended, span => span.TraceId == request!.TraceId && span.OperationName == "brief");

        var waiting = actor.CallAsync(brief, static (probe, _, token) => probe.WaitForReleaseAsync(token), 0, default).AsTask();
        await Release(actor);
        await waiting;
        Assert.Equal(request!.SpanId, Assert.Single(ended, span => span.TraceId == request.TraceId && span.OperationName == "brief").ParentSpanId);
    }

    [Fact]
    public async Task Call_WhenTheMethodThrows_FailsThatCallAlone()
    {
        var actor = _host.Actor("a");

        var fault = await Assert.ThrowsAsync<InvalidOperationException>(async () =>
            await actor.CallAsync<int, int>(Ordinary, static (_, _, _) => throw new InvalidOperationException("no"), 0, default));

        Assert.Equal("no", fault.Message);
        Assert.Equal(0, await Sum(actor));
    }

    [Fact]
    public async Task Sweep_AfterTwoWithoutACall_SavesAndEndsTheActivation()
    {
        var actor = _host.Actor("a");
        await actor.CallAsync(Ordinary, static (probe, amount, token) => probe.AddAsync(amount, token), 5, default);

        _host.Sweep();
        Assert.Equal(1, _host.Activations);
        _host.Sweep();
        await _host.StopAsync();

        Assert.Equal(0, _host.Activations);
        Assert.Equal(5, await Sum(actor));
        Assert.Equal(["a activated", "a deactivated", "a activated"], _host.Journal);
    }

    [Fact]
    public async Task Sweep_WhileAnEnumerationIsOpen_KeepsTheActivation()
    {
        var actor = _host.Actor("a");
        await using var numbers = actor.EnumerateAsync(static (probe, to, token) => probe.CountAsync(to, token), 1, default).GetAsyncEnumerator();
        Assert.True(await numbers.MoveNextAsync());

        _host.Sweep();
        _host.Sweep();
        _host.Sweep();
        await Sum(actor);

        Assert.Equal(["a activated"], _host.Journal);
    }

    [Fact]
    public async Task Deactivate_WhileAnEnumerationIsOpen_EndsItWithoutAnError()
    {
        var actor = _host.Actor("a");
        await using var numbers = actor.EnumerateAsync(static (probe, to, token) => probe.CountAsync(to, token), 1, default).GetAsyncEnumerator();
        Assert.True(await numbers.MoveNextAsync());

        await actor.CallAsync(Ordinary, static (probe, _, token) => probe.EndAsync(token), 0, default);

        Assert.False(await numbers.MoveNextAsync());
    }

    [Fact]
    public async Task Deactivate_WithCallsWaiting_ServesThemFromTheNextActivation()
    {
        var actor = _host.Actor("a");
        await actor.CallAsync(Ordinary, static (probe, amount, token) => probe.AddAsync(amount, token), 3, default);
        var waiting = Wait(actor, Ordinary);
        var end = actor.CallAsync(Interleaving, static (probe, _, token) => probe.EndAsync(token), 0, default);
        var queued = Sum(actor);

        await Release(actor);
        await end;
        await waiting;

        Assert.Equal(3, await queued);
    }

    [Fact]
    public async Task Activation_WhenItFails_FailsItsCallersAndTheNextCallTriesAgain()
    {
        var actor = _host.Actor("a");
        _host.ActivationFault = new InvalidOperationException("store away");
        await Assert.ThrowsAsync<InvalidOperationException>(() => Sum(actor));

        _host.ActivationFault = null;

        Assert.Equal(0, await Sum(actor));
        Assert.Equal([LogLevel.Error], _host.Logged);
    }

    [Fact]
    public async Task Activation_CutShortByTheEndOfTheHost_FailsItsCallersAndIsNoErrorOfTheActor()
    {
        _host.Cancel();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Sum(_host.Actor("a")));

        Assert.Equal([LogLevel.Information], _host.Logged);
    }

    [Fact]
    public async Task IdleActors_AHundredThousand_HoldNoThreadNorTimer()
    {
        for (var index = 0; index < 100_000; index++)
            await Sum(_host.Actor($"actor-{index}"));

        Assert.Equal(100_000, _host.Activations);
        Assert.Equal(0, _host.Clock.ActiveTimers);

        // The threads are those of all tests that run at this time, and a machine of many cores has many.
        Assert.InRange(ThreadPool.ThreadCount, 0, 1_000 + Environment.ProcessorCount);

        _host.Sweep();
        _host.Sweep();
        await _host.StopAsync();
        Assert.Equal(0, _host.Activations);
    }

    private static Task<int> Sum(ActorReference<ProbeActor> actor) =>
        actor.CallAsync(Ordinary, static (probe, amount, token) => probe.AddAsync(amount, token), 0, default).AsTask();

    private static Task<bool> Wait(ActorReference<ProbeActor> actor, ActorMethod method) =>
        actor.CallAsync(method, static (probe, _, token) => probe.WaitForReleaseAsync(token), 0, default).AsTask();

    private static Task<bool> Release(ActorReference<ProbeActor> actor) =>
        actor.CallAsync(Interleaving, static (probe, _, token) => probe.ReleaseAsync(token), 0, default).AsTask();
}
