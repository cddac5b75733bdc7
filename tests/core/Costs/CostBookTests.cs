using OrleansChat.Core.Costs;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.Costs;

public sealed class CostBookTests
{
    private static readonly LedgerSubject Subject = new("k", null, null, "m", "u");
    private static readonly TimeSpan Lease = RateLimitRequest.DefaultLease;
    private static readonly Budget Monthly = new(1_000, BudgetWindow.Month);

    private readonly ITestOutputHelper _output;
    private readonly CostBook _book;
    private long _now = new DateTimeOffset(2030, 1, 15, 12, 0, 0, TimeSpan.Zero).UtcTicks;

    public CostBookTests(ITestOutputHelper output)
    {
        _output = output;
        _book = NewBook(() => _now);
    }

    [Fact]
    public void Reserve_BeyondTheBudget_IsRefusedAndSetsNothingAside()
    {
        Assert.True(Reserve("a", 600));

        Assert.False(Reserve("b", 401));
        Assert.True(Reserve("c", 400));
        Assert.Equal((0, 1_000), (Status().SpentNanoUsd, Status().ReservedNanoUsd));
    }

    [Theory]
    [InlineData(900, 300, 300)]
    [InlineData(200, 300, 400)]
    [InlineData(900, 0, 600)]
    public void Settle_OfAReservationThatACrashLost_FreesNoMoreThanWasSetAsideForIt(long cost, long reserved, long stillHeld)
    {
        _book.Balance.HoldBack(600, 600, free: false, until: _now + Lease.Ticks);

        _book.Settle(new CostSettlement("lost", Subject, new TokenUsage(1, 1), cost) { ReservedNanoUsd = reserved, Age = TimeSpan.Zero }, _now);

        Assert.Equal((cost, stillHeld), (Status().SpentNanoUsd, Status().ReservedNanoUsd));
    }

    [Theory]
    [InlineData(59, 300)]
    [InlineData(60, 600)]
    [InlineData(null, 600)]
    public void Settle_OfAReservationThatAnEarlierCrashMayHaveLost_FreesNothingThatIsHeldBackForOthers(int? age, long stillHeld)
    {
        _book.Balance.HoldBack(600, 600, free: false, until: _now + Lease.Ticks);

        _book.Settle(
            new CostSettlement("old", Subject, new TokenUsage(1, 1), 300) { ReservedNanoUsd = 300, Age = age is { } seconds ? TimeSpan.FromSeconds(seconds) : null }, _now);

        Assert.Equal((300, stillHeld), (Status().SpentNanoUsd, Status().ReservedNanoUsd));
    }

    [Fact]
    public void End_OfAReservationThatMayHaveEndedBeforeTheCrash_LeavesItsRoomToThoseThatMayHaveGotIt()
    {
        // Before the crash "told" may have been settled, unheard, and up to 300 been reserved in its room: nobody may be given that.
        _book.Restore(new Reservation("told", _now) { NanoUsd = 400, Subject = Subject, LeaseEnd = _now + Lease.Ticks, Deadline = _now + Lease.Ticks, IsRestored = true });
        _book.Balance.HoldBack(untold: 300, room: 100, free: false, until: _now + Lease.Ticks);
        Assert.Equal(500, Status().ReservedNanoUsd);

        _book.Settle(new CostSettlement("told", Subject, new TokenUsage(1, 1), 50) { ReservedNanoUsd = 400, Age = TimeSpan.Zero }, _now);
        Assert.Equal((50, 300), (Status().SpentNanoUsd, Status().ReservedNanoUsd));

        // It turns up; what is left of what may be held is held on, until its lease must have run out.
        _book.Settle(new CostSettlement("untold", Subject, new TokenUsage(1, 1), 250) { ReservedNanoUsd = 250, Age = TimeSpan.Zero }, _now);
        Assert.Equal((300, 50), (Status().SpentNanoUsd, Status().ReservedNanoUsd));
        _now += Lease.Ticks;
        _book.Advance(_now);
        Assert.Equal(0, Status().ReservedNanoUsd);
    }

    [Fact]
    public void Settle_OfAReservationThatMayHaveEndedBeforeTheCrash_LeavesItsRoomToThoseThatMayHaveGotIt()
    {
        // 900 were reserved since the record, 500 at a time: what is settled now may have been settled then, and its room be full again.
        _book.Balance.HoldBack(untold: 900, room: 500, free: false, until: _now + Lease.Ticks);
        _book.Settle(new CostSettlement("untold", Subject, new TokenUsage(1, 1), 400) { ReservedNanoUsd = 400, Age = TimeSpan.Zero }, _now);
        Assert.Equal((400, 500), (Status().SpentNanoUsd, Status().ReservedNanoUsd));
        _book.Settle(new CostSettlement("other", Subject, new TokenUsage(1, 1), 100) { ReservedNanoUsd = 100, Age = TimeSpan.Zero }, _now);
        Assert.Equal((500, 400), (Status().SpentNanoUsd, Status().ReservedNanoUsd));
    }

    [Fact]
    public void Reserve_OfNothing_PassesAnEmptyBudget()
    {
        Settle("a", 5_000);

        Assert.True(Reserve("b", 0));
        Assert.False(Reserve("c", 1));
    }

    [Fact]
    public void Settle_BelowTheReservation_FreesTheRest()
    {
        Reserve("a", 1_000);
        Settle("a", 300);

        Assert.True(Reserve("b", 700));
        Assert.False(Reserve("c", 1));
    }

    [Fact]
    public void Settle_AboveTheReservation_IsBookedInFullAndCountedAsExcess()
    {
        Reserve("a", 100);
        Settle("a", 1_700);

        Assert.Equal((1_700, 0, 0), (Status().SpentNanoUsd, Status().ReservedNanoUsd, Status().RemainingNanoUsd!.Value));
        Assert.Equal((1, 1_600), (_book.Excess.Settlements, _book.Excess.NanoUsd));
    }

    [Fact]
    public void Settle_Twice_BooksOnce()
    {
        Reserve("a", 100);
        Settle("a", 70);
        Settle("a", 90);

        Assert.Equal(70, _book.Balance.Spend.Total);
        Assert.Single(_book.Tail);
    }

    [Fact]
    public void Settle_BeforeItsReservation_BooksAndHoldsNothingAfterwards()
    {
        Settle("a", 70);

        Assert.True(Reserve("a", 1_000));
        Assert.Equal((70, 0), (Status().SpentNanoUsd, Status().ReservedNanoUsd));
    }

    [Fact]
    public void Release_AfterItsSettlement_ChangesNothing()
    {
        Reserve("a", 100);
        Settle("a", 70);

        _book.Release("a", 0);
        Assert.Equal(70, _book.Balance.Spend.Total);
    }

    [Fact]
    public void Settle_AfterItsRelease_IsBookedInFull()
    {
        Reserve("a", 100);
        _book.Release("a", 0);
        Settle("a", 70);

        Assert.Equal((70, 0), (Status().SpentNanoUsd, Status().ReservedNanoUsd));
    }

    [Fact]
    public void Advance_WhenALeaseRunsOut_ChargesTheEstimateAtThatMoment()
    {
        Reserve("a", 400);
        var end = _now + Lease.Ticks;

        Pass(Lease - TimeSpan.FromTicks(1));
        Assert.Empty(_book.Tail);

        Pass(TimeSpan.FromSeconds(30));
        var entry = Assert.Single(_book.Tail);
        Assert.Equal((400, true, end), (entry.NanoUsd, entry.LeaseExpired, entry.SettledAt.UtcTicks));
        Assert.True(entry.Usage.Estimated);
        Assert.Equal((400, 0), (Status().SpentNanoUsd, Status().ReservedNanoUsd));
    }

    [Fact]
    public void Settle_AfterTheLeaseRanOut_CorrectsTheEstimateByTheDifference()
    {
        Reserve("a", 400);
        Pass(Lease);
        Settle("a", 150);
        Settle("a", 150);

        Assert.Equal(150, _book.Balance.Spend.Total);
        Assert.Equal([400, -250], _book.Tail.Select(entry => entry.NanoUsd));
    }

    [Fact]
    public void Advance_WhenATentativeReservationRunsOut_ChargesNothing()
    {
        _book.TryDecide(Ask("a", 400) with { Tentative = true }, take: true, _now, out _, out _);
        Pass(Lease);

        Assert.Equal((0, 0), (Status().SpentNanoUsd, Status().ReservedNanoUsd));
        Assert.False(_book.Confirm("a"));
    }

    [Fact]
    public void TryDecide_WhenOnlyTentativeReservationsKeepItOut_GivesNoAnswerYet()
    {
        _book.TryDecide(Ask("a", 1_000) with { Tentative = true }, take: true, _now, out _, out _);
        Assert.False(_book.TryDecide(Ask("b", 1), take: true, _now, out _, out _));

        _book.Confirm("a");

        Assert.True(_book.TryDecide(Ask("b", 1), take: true, _now, out var decision, out _));
        Assert.False(decision.Reserved);
    }

    [Fact]
    public void Reserve_AfterTheWindowsEnd_HasTheWholeBudgetButForWhatIsStillOpen()
    {
        Reserve("a", 900);
        Settle("a", 900);
        Advance(new DateTimeOffset(2030, 1, 31, 23, 59, 59, TimeSpan.Zero));
        Reserve("b", 100);
        Assert.False(Reserve("c", 1));

        Pass(TimeSpan.FromSeconds(1));
        Assert.Equal((0, 100), (Status().SpentNanoUsd, Status().ReservedNanoUsd));
        Assert.True(Reserve("c", 900));
        Assert.False(Reserve("d", 1));
    }

    [Fact]
    public void Reserve_UnderAnotherWindow_CountsWhatWasSpentInThatOne()
    {
        Settle("a", 300);
        Pass(TimeSpan.FromDays(1));
        Settle("b", 200);

        Assert.Equal(200, _book.Describe(Monthly with { Window = BudgetWindow.Day }).SpentNanoUsd);
        Assert.Equal(500, _book.Describe(Monthly with { Window = BudgetWindow.Week }).SpentNanoUsd);
        Assert.Equal(500, _book.Describe(Monthly).SpentNanoUsd);
        Assert.Equal(500, _book.Describe(Monthly with { Window = BudgetWindow.Total }).SpentNanoUsd);
    }

    [Fact]
    public void Settle_BeyondSixtyFourBits_IsRefusedAndBooksNothing()
    {
        for (var i = 0; i < 9; i++)
            Settle($"a{i}", NanoUsd.Most);

        Assert.Throws<OverflowException>(() => Settle("b", NanoUsd.Most));
        Assert.Equal(9, _book.Tail.Count);
        Assert.Equal(9 * NanoUsd.Most, _book.Balance.Spend.Total);
    }

    [Fact]
    public void EveryOperation_InRandomOrder_KeepsTheBudgetAndAgreesWithAPlainList()
    {
        var random = Seed.Print(_output);
        for (var round = 0; round < 200; round++)
            PlayRound(random);
    }

    private static CostBook NewBook(Func<long> now) => new(new BudgetCalendar(TimeZoneInfo.Utc), now);

    private static void PlayRound(Random random)
    {
        var now = new DateTimeOffset(2030, 1, random.Next(1, 30), 0, 0, 0, TimeSpan.Zero).UtcTicks;
        var book = NewBook(() => now);
        var open = new Dictionary<string, (long Amount, long End)>();
        var entries = new List<(long At, long Amount)>();
        var budget = new Budget(random.Next(500, 5_000), (BudgetWindow)random.Next(4));
        for (var step = 0; step < 300; step++)
        {
            now += random.NextInt64(random.Next(20) == 0 ? TimeSpan.TicksPerDay : TimeSpan.TicksPerSecond * 20);
            book.Advance(now);
            foreach (var (id, held) in open.Where(held => held.Value.End <= now).ToList())
            {
                open.Remove(id);
                entries.Add((held.End, held.Amount));
            }

            var (first, next) = BudgetCalendar.DaysOf(budget.Window, new BudgetCalendar(TimeZoneInfo.Utc).DayOf(now));
            var spent = entries.Where(entry => DayOf(entry.At) >= first && DayOf(entry.At) < next).Sum(entry => entry.Amount);
            var reserved = open.Values.Sum(held => held.Amount);
            var status = book.Describe(budget);
            Assert.Equal((spent, reserved), (status.SpentNanoUsd, status.ReservedNanoUsd));
            Assert.Equal(book.Balance.Spend.Total, book.Tail.Sum(entry => entry.NanoUsd));
            Assert.Equal(entries.Sum(entry => entry.Amount), book.Balance.Spend.Total);

            var some = open.Keys.ElementAtOrDefault(random.Next(open.Count + 1)) ?? "nobody";
            switch (random.Next(6))
            {
                case 0 when some != "nobody":
                    var cost = random.NextInt64(open[some].Amount + 1);
                    book.Settle(new CostSettlement(some, Subject, TokenUsage.Zero, cost), now);
                    open.Remove(some);
                    entries.Add((now, cost));
                    break;
                case 1:
                    Assert.Equal(open.Remove(some), book.Knows(some));
                    book.Release(some, now);
                    Assert.False(book.Knows(some));
                    break;
                case 2 when some != "nobody":
                    book.Renew(some, TimeSpan.FromMinutes(5), now);
                    open[some] = open[some] with { End = Math.Max(open[some].End, now + (5 * TimeSpan.TicksPerMinute)) };
                    break;
                default:
                    var request = Ask($"op-{step}", random.Next(400)) with { Budget = budget, Lease = TimeSpan.FromSeconds(random.Next(1, 300)) };
                    Assert.True(book.TryDecide(request, take: true, now, out var decision, out _));
                    var fits = request.NanoUsd == 0 || spent + reserved + request.NanoUsd <= budget.LimitNanoUsd;
                    Assert.Equal(fits, decision.Reserved);
                    if (fits)
                        open.Add(request.OperationId, (request.NanoUsd, now + request.Lease.Ticks));

                    break;
            }
        }
    }

    private static int DayOf(long ticks) => DateOnly.FromDateTime(new DateTime(ticks, DateTimeKind.Utc)).DayNumber;

    private bool Reserve(string id, long amount)
    {
        Assert.True(_book.TryDecide(Ask(id, amount), take: true, _now, out var decision, out _));
        return decision.Reserved;
    }

    private void Settle(string id, long cost) => _book.Settle(new CostSettlement(id, Subject, new TokenUsage(1, 1), cost), _now);

    private BudgetStatus Status() => _book.Describe(Monthly);

    private void Pass(TimeSpan time) => Advance(new DateTimeOffset(_now + time.Ticks, TimeSpan.Zero));

    private void Advance(DateTimeOffset to)
    {
        _now = to.UtcTicks;
        _book.Advance(_now);
    }

    private static CostReservationRequest Ask(string id, long amount) =>
        new() { OperationId = id, Budget = Monthly, NanoUsd = amount, Subject = Subject };
}
