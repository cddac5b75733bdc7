using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Costs.Alerts;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Tests.Sessions;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing;
using OrleansChat.Testing.Actors;

namespace OrleansChat.Core.Tests.Costs.Alerts;

public sealed class AlertDeliveryTests : IBudgetAlertChannel
{
    private static readonly LedgerSubject Subject = new("k", null, null, "m", null);
    private static readonly Budget Hundred = new(100, BudgetWindow.Total);

    private readonly InMemoryStore _store = new();
    private readonly ActorScheduler _scheduler = new();
    private readonly ConcurrentQueue<int> _told = new();
    private readonly TaskCompletionSource _recording = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _recorded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task Threshold_ReachedWhileTheOneBeforeIsRecordedAsTold_IsToldToo()
    {
        var tracker = await OpenAsync();
        await _scheduler.RunAsync(async () => { await tracker.ReserveAsync(Request("first", 80), default); });
        await _scheduler.RunAsync(async () => { await tracker.ReserveAsync(Request("second", 20), default); });
        var first = await BeginAsync(() => tracker.SettleAsync(Settlement("first", 80), default));
        await _recording.Task;

        var second = await BeginAsync(() => tracker.SettleAsync(Settlement("second", 20), default));
        Assert.Equal([80], _told);
        _recorded.SetResult();

        await Task.WhenAll(first, second);
        await TestWait.UntilAsync(() => _told.Count == 2);
        Assert.Equal([80, 100], _told);
    }

    public ValueTask SendAsync(BudgetAlert alert, CancellationToken cancellationToken)
    {
        _told.Enqueue(alert.Percent);

        // The next write is the one that this threshold was told of.
        _store.BeforeWrite = _told.Count > 1 ? null : _ =>
        {
            _recording.TrySetResult();
            return _recorded.Task;
        };
        return default;
    }

    /// <summary>Has a call begun, and leaves it to end by itself.</summary>
    private async Task<Task> BeginAsync(Func<ValueTask> call)
    {
        var begun = Task.CompletedTask;
        await _scheduler.RunAsync(() =>
        {
            begun = call().AsTask();
            return default;
        });
        return begun;
    }

    private static CostReservationRequest Request(string id, long nanoUsd) =>
        new() { OperationId = id, NanoUsd = nanoUsd, Budget = Hundred, Subject = Subject };

    private static CostSettlement Settlement(string id, long nanoUsd) =>
        new(id, Subject, new TokenUsage(1, 1), nanoUsd) { ReservedNanoUsd = nanoUsd };

    private async Task<CostTrackerActor> OpenAsync()
    {
        var context = new InMemoryActorContext(_store, "costs", "k", new SessionWorld());
        var options = new TestOptions<OrleansChatOptions>(new OrleansChatOptions());
        var tracker = new CostTrackerActor(
            context, context.MainState<CostTrackerState>(), new FakeClock(), options, [this], NullLogger<CostTrackerActor>.Instance);
        await _scheduler.RunAsync(() => tracker.ActivateAsync(default));
        return tracker;
    }
}
