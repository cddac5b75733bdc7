using OrleansChat.Core.Actors;
using OrleansChat.Core.Errors;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Testing;
using OrleansChat.Testing.Actors;

namespace OrleansChat.Core.Tests.RateLimiting;

public sealed class RateLimiterActorTests
{
    private static readonly RateLimits Limits = new() { RequestsPerMinute = 160 };

    private readonly InMemoryStore _store = new();
    private readonly FakeClock _clock = new();
    private readonly ActorScheduler _scheduler = new();
    private readonly InMemoryActorContext _context;
    private readonly RateLimiterActor _actor;

    public RateLimiterActorTests()
    {
        _context = new InMemoryActorContext(_store, "rate-limiter", "key:k", null!);
        _actor = new RateLimiterActor(_context, _context.MainState<RateLimiterState>(), _clock);
    }

    [Fact]
    public async Task Acquire_PastTheRecord_IsAnsweredWhenTheNewRecordIsDurable()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var writing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _store.BeforeWrite = _ =>
        {
            writing.TrySetResult();
            return gate.Task;
        };

        var first = AcquireAsync("a");
        await writing.Task;
        Assert.False(first.IsCompleted);

        gate.SetResult();
        Assert.True((await first).Admitted);
    }

    [Fact]
    public async Task Acquire_WithinTheRecord_WaitsForNoWrite()
    {
        Assert.True((await AcquireAsync("a")).Admitted);
        _store.BeforeWrite = _ => new TaskCompletionSource().Task;

        // A share of 160 is 10 requests; the write that renews it is begun in advance and never ends here.
        for (var i = 0; i < 9; i++)
            Assert.True((await AcquireAsync($"b{i}")).Admitted);

        Assert.False(AcquireAsync("last").IsCompleted);
    }

    [Fact]
    public async Task Acquire_OfAWholeLimit_WritesAFewTimes()
    {
        for (var i = 0; i < 160; i++)
            Assert.True((await AcquireAsync($"a{i}")).Admitted);

        Assert.InRange(_store.Writes, 1, 40);
    }

    [Fact]
    public async Task Acquire_WhenTheRecordCannotBeWritten_FailsAndEndsTheActivation()
    {
        _store.BeforeWrite = _ => throw new StorageException("The disk is full.");

        await Assert.ThrowsAsync<StorageException>(() => AcquireAsync("a"));

        Assert.True(_context.IsDeactivationRequested);
    }

    [Fact]
    public async Task Acquire_RepeatedWhileTheRecordIsWritten_WaitsForItToo()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _store.BeforeWrite = _ => gate.Task;
        var first = AcquireAsync("a");
        var repeat = AcquireAsync("a");

        await _scheduler.RunAsync(() => ValueTask.CompletedTask);
        Assert.False(repeat.IsCompleted);

        gate.SetResult();
        Assert.True((await repeat).Admitted);
        await first;
        Assert.Equal(159, (await DescribeAsync()).RequestsPerMinute!.Remaining);
    }

    [Fact]
    public async Task Deactivation_DuringAWrite_LeavesTheExactRecordLast()
    {
        for (var i = 0; i < 7; i++)
            await AcquireAsync($"a{i}");

        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _store.BeforeWrite = _ => gate.Task;
        var last = AcquireAsync("b");
        var ending = _scheduler.RunAsync(() => ((IActorLifecycle)_actor).DeactivateAsync(default));
        gate.SetResult();
        await last;
        await ending;

        var next = new RateLimiterActor(_context, _context.MainState<RateLimiterState>(), _clock);
        Assert.Equal(152, (await next.DescribeAsync(Limits, default)).RequestsPerMinute!.Remaining);
    }

    private Task<RateLimitDecision> AcquireAsync(string id) =>
        _scheduler.RunAsync(() => _actor.AcquireAsync(new RateLimitRequest { OperationId = id, Limits = Limits }, default));

    private Task<RateLimitStatus> DescribeAsync() => _scheduler.RunAsync(() => _actor.DescribeAsync(Limits, default));
}
