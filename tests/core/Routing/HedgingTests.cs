using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Admission;
using OrleansChat.Core.CircuitBreaking;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Settings;
using OrleansChat.Testing;

namespace OrleansChat.Core.Tests.Routing;

public sealed class HedgingTests : IDisposable
{
    private static readonly TimeSpan After = TimeSpan.FromSeconds(2);

    private readonly FakeClock _clock = new();
    private readonly BreakerWatch _watch;
    private readonly ScopeRules _rules;
    private readonly ModelCatalog _catalog;
    private readonly Router _router;
    private readonly RecordedHedge _hedge = new();
    private readonly ConcurrentDictionary<string, Call> _calls = new();

    public HedgingTests()
    {
        var settings = new TestOptions<OrleansChatOptions>(new OrleansChatOptions
        {
            Models =
            [
                new ModelOptions { Id = "default", Route = ["one/a", "two/b", "three/c"], HedgeAfter = After },
                new ModelOptions { Id = "pair", Route = ["one/a", "two/b"], HedgeAfter = After },
                new ModelOptions { Id = "plain", Route = ["one/a", "two/b"] },
            ],
        });
        var actors = new RoutingActors(_clock, settings);
        _watch = new BreakerWatch(actors, _clock, settings, NullLogger<BreakerWatch>.Instance);
        _rules = new ScopeRules(settings);
        _catalog = new ModelCatalog(settings);
        _router = new Router(actors, _watch, _rules, _clock);
    }

    [Fact]
    public async Task Open_BeforeTheTime_AsksNoSecondTarget()
    {
        var opening = OpenAsync();
        (await CallOf("one")).Answer();

        Assert.Equal("op", (await opening).OperationId);
        Assert.Equal(["one"], _calls.Keys);
        Assert.Empty(_hedge.Lost);
    }

    [Fact]
    public async Task Open_OfAModelThatSaysNothingOfHedging_AsksOneTargetHoweverSlow()
    {
        var opening = OpenAsync("plain");
        var first = await CallOf("one");
        _clock.Advance(TimeSpan.FromDays(1));
        first.Answer();

        Assert.Equal("op", (await opening).OperationId);
        Assert.Equal(["one"], _calls.Keys);
        Assert.Equal(0, _hedge.Asked);
        Assert.Null(new ModelOptions().HedgeAfter);
    }

    [Fact]
    public async Task Open_WhenTheSecondIsFaster_StopsAndSettlesTheFirst()
    {
        var opening = OpenAsync();
        var first = await CallOf("one");
        await AdvanceAsync();
        (await CallOf("two")).Answer();

        var call = await opening;
        await call.Losing;

        Assert.Equal(("two", "op/hedge"), (call.Target.Upstream, call.OperationId));
        Assert.True(first.Stopped.IsCancellationRequested);
        Assert.Equal(("op", "one"), Lost());
        Assert.Equal(["three"], call.Untried.Select(target => target.Upstream));
    }

    [Fact]
    public async Task Open_WhenTheFirstIsFasterAfterAll_StopsAndSettlesTheSecond()
    {
        var opening = OpenAsync();
        var first = await CallOf("one");
        await AdvanceAsync();
        var second = await CallOf("two");
        first.Answer();

        var call = await opening;
        await call.Losing;

        Assert.Equal("op", call.OperationId);
        Assert.True(second.Stopped.IsCancellationRequested);
        Assert.Equal(("op/hedge", "two"), Lost());
    }

    [Fact]
    public async Task Open_WhenBothOpen_DisposesOfTheOneThatIsNotUsed()
    {
        var opening = OpenAsync();
        var first = await CallOf("one");
        await AdvanceAsync();
        var second = await CallOf("two");
        second.IgnoresStop = true;
        first.Answer();
        var call = await opening;
        second.Answer();
        await call.Losing;

        Assert.True(second.Value.IsDisposed);
        Assert.False(first.Value.IsDisposed);
        Assert.Equal(("op/hedge", "two"), Lost());
        Assert.Same(second.Value, Assert.Single(_hedge.Lost).Opened);
    }

    [Fact]
    public async Task Open_WhenTheSecondFails_GoesOnToTheNextTargetBesideTheFirst()
    {
        var opening = OpenAsync();
        await CallOf("one");
        await AdvanceAsync();
        (await CallOf("two")).Fail(UpstreamFailure.ServerError);
        (await CallOf("three")).Answer();

        var call = await opening;
        await call.Losing;

        Assert.Equal(("three", "op/hedge"), (call.Target.Upstream, call.OperationId));
        Assert.Equal(("op", "one"), Lost());
    }

    [Fact]
    public async Task Open_WhenEveryTargetFails_ListsThemAll_AndTakesTheSecondBack()
    {
        var opening = OpenAsync();
        var first = await CallOf("one");
        await AdvanceAsync();
        (await CallOf("two")).Fail(UpstreamFailure.ServerError);
        (await CallOf("three")).Fail(UpstreamFailure.Connection);
        first.Fail(UpstreamFailure.Timeout);

        var failure = await Assert.ThrowsAsync<OrleansChatException>(async () => await opening);

        Assert.All(["[one/a]", "[two/b]", "[three/c]"], said => Assert.Contains(said, failure.Problem.Detail, StringComparison.Ordinal));
        Assert.Equal(("op/hedge", null), Lost());
    }

    [Fact]
    public async Task Open_WhenTheSecondFindsTheRequestAtFault_GoesOnWithTheFirst_AndSaysSoIfThatFails()
    {
        var opening = OpenAsync();
        var first = await CallOf("one");
        await AdvanceAsync();
        (await CallOf("two")).Fail(UpstreamFailure.InvalidRequest);
        await TestWait.UntilAsync(() => _hedge.Lost.Count == 1);
        first.Fail(UpstreamFailure.Timeout);
        (await CallOf("three")).Fail(UpstreamFailure.Connection);

        var failure = await Assert.ThrowsAsync<OrleansChatException>(async () => await opening);

        Assert.All(["[one/a]", "[two/b]", "[three/c]"], said => Assert.Contains(said, failure.Problem.Detail, StringComparison.Ordinal));
        Assert.Equal(("op/hedge", null), Lost());
    }

    [Fact]
    public async Task Open_WhenTheSecondIsRefused_WaitsForTheFirst()
    {
        _hedge.Refuses = true;
        var opening = OpenAsync();
        var first = await CallOf("one");
        await AdvanceAsync();
        await TestWait.UntilAsync(() => _hedge.Asked == 1);
        first.Answer();

        Assert.Equal("op", (await opening).OperationId);
        Assert.Equal(["one"], _calls.Keys);
        Assert.Empty(_hedge.Lost);
    }

    [Fact]
    public async Task Open_WhenTheFirstFindsTheRequestAtFault_StopsTheSecond()
    {
        var opening = OpenAsync();
        var first = await CallOf("one");
        await AdvanceAsync();
        var second = await CallOf("two");
        first.Fail(UpstreamFailure.InvalidRequest);

        await Assert.ThrowsAsync<UpstreamException>(async () => await opening);

        Assert.True(second.Stopped.IsCancellationRequested);
        Assert.Equal(("op/hedge", "two"), Lost());
    }

    [Fact]
    public async Task Open_WhenTheCallerLeaves_StopsBoth_AndSettlesTheSecond()
    {
        using var leaving = new CancellationTokenSource();
        var opening = OpenAsync(cancellationToken: leaving.Token);
        var first = await CallOf("one");
        await AdvanceAsync();
        var second = await CallOf("two");
        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await opening);

        Assert.True(first.Stopped.IsCancellationRequested && second.Stopped.IsCancellationRequested);
        Assert.Equal(("op/hedge", "two"), Lost());
    }

    [Fact]
    public async Task Open_WhenTheCallerLeavesAfterTheFirstHasFailed_IsNobodysFailure()
    {
        using var leaving = new CancellationTokenSource();
        var opening = OpenAsync("pair", leaving.Token);
        var first = await CallOf("one");
        await AdvanceAsync();
        var second = await CallOf("two");
        first.Fail(UpstreamFailure.ServerError);
        await TestWait.UntilAsync(() => _watch.Known("one")?.Failures == 1);
        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await opening);

        Assert.True(second.Stopped.IsCancellationRequested);
        Assert.Equal(("op/hedge", "two"), Lost());
    }

    public void Dispose()
    {
        _watch.Dispose();
        _rules.Dispose();
        _catalog.Dispose();
    }

    private (string Operation, string? Upstream) Lost()
    {
        var lost = Assert.Single(_hedge.Lost);
        return (lost.OperationId, lost.Asked?.Upstream);
    }

    private Task<RoutedCall<Answer>> OpenAsync(string model = "default", CancellationToken cancellationToken = default) => _router.OpenHedgedAsync(
        new RouteRequest(_catalog.Find(model), "op", 10),
        _hedge,
        (attempt, stop) => _calls.GetOrAdd(attempt.Target.Upstream, upstream => new Call(upstream)).OpenAsync(stop),
        cancellationToken).AsTask();

    private async Task<Call> CallOf(string upstream)
    {
        await TestWait.UntilAsync(() => _calls.TryGetValue(upstream, out var call) && call.IsOpening);
        return _calls[upstream];
    }

    /// <summary>Lets the time pass that the first call has alone.</summary>
    private async Task AdvanceAsync()
    {
        await TestWait.UntilAsync(() => _clock.HasTimerIn(After));
        _clock.Advance(After);
    }

    private sealed class Answer : IAsyncDisposable
    {
        public bool IsDisposed { get; private set; }

        public ValueTask DisposeAsync()
        {
            IsDisposed = true;
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Call(string upstream)
    {
        private readonly TaskCompletionSource<Answer> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile bool _isOpening;

        public Answer Value { get; } = new();

        public CancellationToken Stopped { get; private set; }

        /// <summary>Whether it has been made, so that it hears when it is stopped.</summary>
        public bool IsOpening => _isOpening;

        public bool IgnoresStop { get; set; }

        public void Answer() => _opened.SetResult(Value);

        public void Fail(UpstreamFailure failure) => _opened.SetException(new UpstreamException(upstream, failure, "it broke"));

        public async ValueTask<Answer> OpenAsync(CancellationToken stop)
        {
            Stopped = stop;
            await using var stopping = stop.Register(() =>
            {
                if (!IgnoresStop)
                    _opened.TrySetCanceled(stop);
            });
            _isOpening = true;
            return await _opened.Task;
        }
    }

    private sealed class RecordedHedge : IHedge<Answer>
    {
        private readonly ConcurrentQueue<LostCall<Answer>> _lost = new();
        private int _asked;

        public bool Refuses { get; set; }

        public int Asked => Volatile.Read(ref _asked);

        public IReadOnlyCollection<LostCall<Answer>> Lost => _lost;

        public ValueTask<string?> AdmitAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _asked);
            return ValueTask.FromResult(Refuses ? null : "op/hedge");
        }

        public ValueTask LostAsync(LostCall<Answer> lost)
        {
            _lost.Enqueue(lost);
            return ValueTask.CompletedTask;
        }
    }
}
