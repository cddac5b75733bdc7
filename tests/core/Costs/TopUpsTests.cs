using OrleansChat.Core.Costs;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Tests.Costs;

public sealed class TopUpsTests
{
    private static readonly LedgerSubject Subject = new("k", null, null, "m", "u");
    private static readonly Budget Monthly = new(1_000, BudgetWindow.Month);

    private readonly CostBook _book;
    private long _now = new DateTimeOffset(2030, 1, 31, 12, 0, 0, TimeSpan.Zero).UtcTicks;

    public TopUpsTests() => _book = new CostBook(new BudgetCalendar(TimeZoneInfo.Utc), () => _now);

    [Fact]
    public void Add_RaisesTheLimitAtOnce()
    {
        Settle("a", 1_000);
        Assert.False(Reserves("b", 500));

        _book.Add(new TopUp("op", 500, "boss"));

        Assert.True(Reserves("b", 500));
        Assert.False(Reserves("c", 1));
        var status = _book.Describe(Monthly);
        Assert.Equal((1_500, 500, 0), (status.LimitNanoUsd!.Value, status.ToppedUpNanoUsd, status.RemainingNanoUsd!.Value));
    }

    [Fact]
    public void Add_Repeated_AddsOnce()
    {
        _book.Add(new TopUp("op", 500, "boss"));
        _book.Add(new TopUp("op", 500, "boss"));

        Assert.Equal(1_500, _book.Describe(Monthly).LimitNanoUsd);
        Assert.Equal(new DateTimeOffset(_now, TimeSpan.Zero), Assert.Single(_book.Balance.TopUps.Latest).At);
    }

    [Fact]
    public void Add_RepeatedWithAnotherAmount_IsTheCallersMistake()
    {
        _book.Add(new TopUp("op", 500, "boss"));

        Assert.Throws<RequestException>(() => _book.Add(new TopUp("op", 501, "boss")));
        Assert.Equal(1_500, _book.Describe(Monthly).LimitNanoUsd);
    }

    [Fact]
    public void Add_CountsInItsWindowOnly_AndInATotalForEver()
    {
        _book.Add(new TopUp("op", 500, "boss"));
        _now += TimeSpan.TicksPerDay;

        Assert.Equal(1_000, _book.Describe(Monthly).LimitNanoUsd);
        Assert.Equal(1_500, _book.Describe(Monthly with { Window = BudgetWindow.Total }).LimitNanoUsd);
        Assert.Equal(1_500, _book.Describe(Monthly with { Window = BudgetWindow.Week }).LimitNanoUsd);
    }

    [Fact]
    public void Add_BeyondSixtyFourBits_IsRefusedAndAddsNothing()
    {
        for (var i = 0; i < 9; i++)
            _book.Add(new TopUp($"op-{i}", NanoUsd.Most, "boss"));

        Assert.Throws<RequestException>(() => _book.Add(new TopUp("last", NanoUsd.Most, "boss")));
        Assert.Equal(9, _book.Balance.TopUps.Latest.Count);
        Assert.Equal((9 * NanoUsd.Most) + 1_000, _book.Describe(Monthly).LimitNanoUsd);
    }

    [Fact]
    public void Add_AsOftenAsOneLikes_KeepsTheLatestAndTheSumOfAll()
    {
        for (var i = 0; i < TopUps.Most + 10; i++)
            _book.Add(new TopUp($"op-{i}", 1, "boss"));

        Assert.Equal(TopUps.Most, _book.Balance.TopUps.Latest.Count);
        Assert.Equal("op-10", _book.Balance.TopUps.Latest[0].OperationId);
        Assert.Equal(TopUps.Most + 10, _book.Describe(Monthly).ToppedUpNanoUsd);
    }

    private bool Reserves(string id, long amount)
    {
        var request = new CostReservationRequest { OperationId = id, Budget = Monthly, NanoUsd = amount, Subject = Subject };
        Assert.True(_book.TryDecide(request, take: true, _now, out var decision, out _));
        return decision.Reserved;
    }

    private void Settle(string id, long cost) => _book.Settle(new CostSettlement(id, Subject, TokenUsage.Zero, cost), _now);
}
