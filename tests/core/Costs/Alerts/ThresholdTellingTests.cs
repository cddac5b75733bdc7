using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using OrleansChat.Core.Costs;
using OrleansChat.Core.Costs.Alerts;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Telemetry.Exposition;
using OrleansChat.Core.Tests.Sessions;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing;
using OrleansChat.Testing.Actors;
using OrleansChat.Testing.Telemetry;

namespace OrleansChat.Core.Tests.Costs.Alerts;

/// <summary>What the operator hears of a budget without a webhook: lines of the log and counters.</summary>
public sealed class ThresholdTellingTests : IBudgetAlertChannel, ILogger<CostTrackerActor>, IDisposable
{
    private const int Reached = 410;

    private static readonly LedgerSubject Subject = new("a", null, null, "m", null);
    private static readonly Budget Dollar = new(NanoUsd.PerUsd, BudgetWindow.Day);

    private readonly FakeClock _clock = new();
    private readonly ActorScheduler _scheduler = new();
    private readonly TestMeters _meters = new();
    private readonly ConcurrentQueue<int> _told = new();
    private readonly ConcurrentQueue<(int Id, LogLevel Level, string Text)> _lines = new();

    [Fact]
    public async Task Threshold_ThatIsReached_IsLoggedAndCountedOnce()
    {
        using var collector = new MetricCollector(_meters, _clock);
        var tracker = await OpenAsync();

        await SpendAsync(tracker, "first", 790_000_000);
        await SpendAsync(tracker, "second", 60_000_000);
        await SpendAsync(tracker, "third", 100_000_000);
        await SpendAsync(tracker, "fourth", 50_000_000);

        await TestWait.UntilAsync(() => _told.Count == 2);
        (int, LogLevel, string)[] lines =
        [
            (Reached, LogLevel.Warning, "Scope key:a has spent 80 % of its budget: 0.85 of 1 USD in the window that ends at 01/02/2030 00:00:00 +00:00"),
            (Reached, LogLevel.Warning, "Scope key:a has spent 100 % of its budget: 1 of 1 USD in the window that ends at 01/02/2030 00:00:00 +00:00"),
        ];
        Assert.Equal(lines, _lines);
        var page = MetricPage.Parse(collector.Write(openMetrics: false));
        Assert.Equal(
            [("key", "100", 1), ("key", "80", 1)],
            page.Find("orleanschat_budget_thresholds_total").Select(sample => (sample.Labels["scope"], sample.Labels["percent"], sample.Value)).Order());
        Assert.Empty(page.Find("orleanschat_budget_excesses_total"));
    }

    [Fact]
    public async Task Settlement_AboveItsReservation_IsCountedAsAnExcess_AndNoOther()
    {
        using var collector = new MetricCollector(_meters, _clock);
        var tracker = await OpenAsync();

        await SpendAsync(tracker, "below", reserved: 20, spent: 10);
        await SpendAsync(tracker, "as-reserved", 20);
        Assert.Empty(MetricPage.Parse(collector.Write(openMetrics: false)).Find("orleanschat_budget_excesses_total"));
        await SpendAsync(tracker, "above", reserved: 20, spent: 21);
        await SpendAsync(tracker, "far-above", reserved: 20, spent: 2_000);
        await SettleAsync(tracker, "far-above", reserved: 20, spent: 2_000);

        var sample = Assert.Single(MetricPage.Parse(collector.Write(openMetrics: false)).Find("orleanschat_budget_excesses_total"));
        Assert.Equal(("key", 2), (sample.Labels["scope"], sample.Value));
        Assert.Empty(_lines);
    }

    public ValueTask SendAsync(BudgetAlert alert, CancellationToken cancellationToken)
    {
        _told.Enqueue(alert.Percent);
        return default;
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue((eventId.Id, logLevel, formatter(state, exception)));

    public void Dispose() => _meters.Dispose();

    private Task SpendAsync(CostTrackerActor tracker, string id, long nanoUsd) => SpendAsync(tracker, id, nanoUsd, nanoUsd);

    private async Task SpendAsync(CostTrackerActor tracker, string id, long reserved, long spent)
    {
        await _scheduler.RunAsync(async () =>
        {
            var decision = await tracker.ReserveAsync(
                new CostReservationRequest { OperationId = id, NanoUsd = reserved, Budget = Dollar, Subject = Subject }, default);
            Assert.True(decision.Reserved);
        });
        await SettleAsync(tracker, id, reserved, spent);
    }

    private async Task SettleAsync(CostTrackerActor tracker, string id, long reserved, long spent) => await _scheduler.RunAsync(async () =>
        await tracker.SettleAsync(new CostSettlement(id, Subject, new TokenUsage(1, 1), spent) { ReservedNanoUsd = reserved }, default));

    private async Task<CostTrackerActor> OpenAsync()
    {
        var context = new InMemoryActorContext(new InMemoryStore(), "costs", "key:a", new SessionWorld());
        var options = new TestOptions<OrleansChatOptions>(new OrleansChatOptions());
        var tracker = new CostTrackerActor(context, context.MainState<CostTrackerState>(), _clock, options, [this], this, new CostMetrics(_meters));
        await _scheduler.RunAsync(() => tracker.ActivateAsync(default));
        return tracker;
    }
}
