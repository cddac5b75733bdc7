using OrleansChat.Core.Costs;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.Costs;

public sealed class ThresholdsTests
{
    private static readonly LedgerSubject Subject = new("k", null, null, "m", "u");
    private static readonly Budget Daily = new(1_000, BudgetWindow.Day);

    private readonly ITestOutputHelper _output;
    private readonly CostBook _book;
    private long _now = new DateTimeOffset(2030, 1, 15, 12, 0, 0, TimeSpan.Zero).UtcTicks;

    public ThresholdsTests(ITestOutputHelper output)
    {
        _output = output;
        _book = new CostBook(new BudgetCalendar(TimeZoneInfo.Utc), () => _now);
    }

    [Fact]
    public void Threshold_IsRaisedWhenTheSpendReachesIt_AndOnce()
    {
        Spend("a", 799);
        Assert.Empty(Raised());

        Spend("b", 1);
        Spend("c", 1);
        Assert.Equal([80], Raised());

        Spend("d", 5_000);
        Assert.Equal([80, 100], Raised());
    }

    [Fact]
    public void Threshold_BelowWhichATopUpLiftsTheBudget_IsNotRaisedAgain()
    {
        Spend("a", 800);
        _book.Add(new TopUp("op", 1_000, "boss"));
        Spend("b", 801);

        Assert.Equal([80], Raised());
    }

    [Fact]
    public void Threshold_OfANewWindow_IsRaisedAnew_AndWhatWasToldBeforeIsForgotten()
    {
        Spend("a", 800);
        _book.Told(_book.Balance.Thresholds.NextUntold!);
        _now += TimeSpan.TicksPerDay;
        Spend("b", 800);

        Assert.Equal([80], Raised());
        Assert.Single(_book.Balance.Thresholds.Raised);
        Assert.True(_book.Balance.Thresholds.HasUntold);
    }

    [Fact]
    public void Threshold_OfALimitThatIsLowered_IsRaised()
    {
        Spend("a", 500);
        _book.Watch(Daily with { LimitNanoUsd = 600 });

        Assert.Equal([80], Raised());
    }

    [Fact]
    public void Thresholds_OfAnEmptyListOrABudgetOfNothing_AreNever()
    {
        Spend("a", 5_000, Daily with { Thresholds = [] });
        Spend("b", 5_000, Daily with { LimitNanoUsd = 0 });
        Spend("c", 5_000, null);

        Assert.Empty(Raised());
    }

    [Fact]
    public void Thresholds_AtTheGreatestAmounts_DoNotOverflow()
    {
        Spend("a", NanoUsd.Most, new Budget(NanoUsd.Most, BudgetWindow.Day) { Thresholds = [1_000, 100] });

        Assert.Equal([100], Raised());
    }

    [Fact]
    public void Thresholds_OfARandomSpend_AreRaisedOnceInEachWindowThatReachesThem()
    {
        var random = Seed.Print(_output);
        var budget = Daily with { Thresholds = [25, 80, 100, 150] };
        var expected = new HashSet<(DateOnly, int)>();
        var raised = new List<(DateOnly, int)>();
        for (var step = 0; step < 2_000; step++)
        {
            _now += random.NextInt64(TimeSpan.TicksPerHour);
            Spend($"{step}", random.Next(100), budget);
            var today = DateOnly.FromDateTime(new DateTime(_now, DateTimeKind.Utc));
            var spent = _book.Tail.Where(entry => DateOnly.FromDateTime(entry.SettledAt.UtcDateTime) == today).Sum(entry => entry.NanoUsd);
            expected.UnionWith(budget.Thresholds!.Where(percent => spent * 100 >= budget.LimitNanoUsd * percent).Select(percent => (today, percent)));
            while (_book.Balance.Thresholds.NextUntold is { } untold)
            {
                raised.Add((DateOnly.FromDayNumber(untold.FirstDay), untold.Percent));
                _book.Told(untold);
            }
        }

        Assert.Equal(expected.Order(), raised.Order());
        Assert.NotEmpty(raised);
    }

    private IEnumerable<int> Raised() => _book.Describe(Daily).ReachedThresholds;

    private void Spend(string id, long cost) => Spend(id, cost, Daily);

    private void Spend(string id, long cost, Budget? budget)
    {
        _book.Settle(new CostSettlement(id, Subject, TokenUsage.Zero, cost), _now);
        _book.Watch(budget);
    }
}
