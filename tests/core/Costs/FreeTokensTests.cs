using OrleansChat.Core.Costs;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Upstreams;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.Costs;

public sealed class FreeTokensTests
{
    private static readonly LedgerSubject Subject = new("k", null, null, "m", "u");
    private static readonly Budget Daily = new(1_000, BudgetWindow.Day) { FreeTokens = new Dictionary<string, long> { ["m"] = 100 } };

    private readonly ITestOutputHelper _output;
    private readonly CostBook _book;
    private long _now = new DateTimeOffset(2030, 1, 15, 12, 0, 0, TimeSpan.Zero).UtcTicks;

    public FreeTokensTests(ITestOutputHelper output)
    {
        _output = output;
        _book = new CostBook(new BudgetCalendar(TimeZoneInfo.Utc), () => _now);
    }

    [Theory]
    [InlineData(1_000, 100, 0, 1_000)]
    [InlineData(1_000, 100, 100, 0)]
    [InlineData(1_000, 100, 500, 0)]
    [InlineData(1_000, 100, 40, 600)]
    [InlineData(10, 3, 1, 7)] // two thirds of 10, rounded up
    [InlineData(0, 0, 0, 0)]
    [InlineData(NanoUsd.Most, 1_000_000_000_000, 1, 999_999_999_999_000_000 + 0)]
    public void ChargeOf_IsThePartOfTheCostThatFreeTokensDoNotCover(long nanoUsd, long tokens, long free, long charge) =>
        Assert.Equal(charge, FreeUse.ChargeOf(nanoUsd, tokens, free));

    [Fact]
    public void Reserve_CoveredByFreeTokens_PassesAnEmptyBudget()
    {
        var nothing = Daily with { LimitNanoUsd = 0 };

        Assert.True(Reserve("a", 60, 600, nothing));
        Assert.False(Reserve("b", 41, 410, nothing));
        Assert.True(Reserve("c", 40, 400, nothing));
        Assert.Equal(new FreeTokenStatus("m", 100, 0, 100), Assert.Single(_book.Describe(nothing).FreeTokens));
    }

    [Fact]
    public void Settle_UsesFreeTokensFirst_AndChargesTheRest()
    {
        Reserve("a", 70, 700);
        Settle("a", 70, 700);
        Reserve("b", 70, 700);
        Settle("b", 70, 700);

        Assert.Equal([(0, 70, 700), (400, 30, 300)], _book.Tail.Select(entry => (entry.NanoUsd, entry.FreeTokens, entry.FreeNanoUsd)));
        Assert.Equal(400, _book.Describe(Daily).SpentNanoUsd);
    }

    [Fact]
    public void Settle_BelowItsReservation_LetsTheRestOfItsFreeTokensGo()
    {
        Reserve("a", 100, 1_000);
        Settle("a", 10, 100);
        Reserve("b", 90, 900);
        Settle("b", 90, 900);

        Assert.Equal([(0, 10), (0, 90)], _book.Tail.Select(entry => (entry.NanoUsd, entry.FreeTokens)));
    }

    [Fact]
    public void Settle_AboveItsReservation_NeverTakesWhatAnotherHolds()
    {
        Reserve("a", 60, 600);
        Reserve("b", 40, 400);
        Settle("a", 100, 1_000);
        Settle("b", 40, 400);

        Assert.Equal([(400, 60), (0, 40)], _book.Tail.Select(entry => (entry.NanoUsd, entry.FreeTokens)));
        Assert.Equal((1, 400), (_book.Excess.Settlements, _book.Excess.NanoUsd));
    }

    [Fact]
    public void Settle_OfNoCost_UsesNoFreeTokens()
    {
        Reserve("a", 50, 0);
        Settle("a", 50, 0);

        Assert.Equal(0, Assert.Single(_book.Describe(Daily).FreeTokens).Used);
    }

    [Fact]
    public void Lease_ThatRunsOut_UsesWhatItHeld_AndALateSettlementGivesTheRestBack()
    {
        Reserve("a", 120, 1_200);
        Pass(RateLimitRequest.DefaultLease);
        Assert.Equal((200, 100), (_book.Tail[0].NanoUsd, _book.Tail[0].FreeTokens));

        Settle("a", 30, 300);

        Assert.Equal((-200, -70, true), (_book.Tail[1].NanoUsd, _book.Tail[1].FreeTokens, _book.Tail[1].IsCorrection));
        Assert.Equal(30, Assert.Single(_book.Describe(Daily).FreeTokens).Used);
    }

    [Fact]
    public void Window_ThatEnds_GivesTheTokensAgain()
    {
        Reserve("a", 100, 1_000);
        Settle("a", 100, 1_000);
        Pass(TimeSpan.FromHours(12) - TimeSpan.FromTicks(1));
        Assert.False(Reserve("b", 200, 2_000));

        Pass(TimeSpan.FromTicks(1));
        Assert.True(Reserve("b", 200, 2_000));
    }

    [Fact]
    public void FreeTokens_OfOneModel_AreNoOthers()
    {
        Assert.False(Reserve("a", 10, 2_000, subject: Subject with { Model = "other" }));
        Assert.True(Reserve("b", 100, 2_000));
    }

    [Fact]
    public void Refusal_TellsWhenTheTokensAreFreeAgain()
    {
        Reserve("a", 100, 1_000);
        Settle("a", 100, 1_000);
        var noMoney = Daily with { LimitNanoUsd = 0 };

        Assert.Equal(new DateTimeOffset(2030, 1, 16, 0, 0, 0, TimeSpan.Zero), Decide("b", 100, 1_000, noMoney).Refusal!.RetryAt);
        Assert.Null(Decide("b", 100, 1_000, noMoney with { Window = BudgetWindow.Total }).Refusal?.RetryAt);
    }

    [Fact]
    public void EveryOperation_InRandomOrder_AgreesWithAPlainCount()
    {
        var random = Seed.Print(_output);
        for (var round = 0; round < 200; round++)
            PlayRound(random);
    }

    private static void PlayRound(Random random)
    {
        var now = new DateTimeOffset(2030, 1, random.Next(1, 30), 0, 0, 0, TimeSpan.Zero).UtcTicks;
        var book = new CostBook(new BudgetCalendar(TimeZoneInfo.Utc), () => now);
        var limit = random.Next(2_000);
        var budget = new Budget(random.Next(20_000), BudgetWindow.Day) { FreeTokens = new Dictionary<string, long> { ["m"] = limit } };
        var open = new Dictionary<string, (long Tokens, long Cost, long Charge, long Free)>();
        var entries = new List<(long At, long Charge, long Free)>();
        for (var step = 0; step < 300; step++)
        {
            now += random.NextInt64(random.Next(20) == 0 ? TimeSpan.TicksPerDay : TimeSpan.TicksPerSecond * 20);
            book.Advance(now);
            var today = DateOnly.FromDateTime(new DateTime(now, DateTimeKind.Utc));
            bool IsToday((long At, long Charge, long Free) entry) => DateOnly.FromDateTime(new DateTime(entry.At, DateTimeKind.Utc)) == today;
            var used = entries.Where(IsToday).Sum(entry => entry.Free);
            var spent = entries.Where(IsToday).Sum(entry => entry.Charge);
            var left = Math.Max(0, limit - used - open.Values.Sum(held => held.Free));
            Assert.True(used <= limit, $"{used} of {limit} free tokens used");
            Assert.Equal(new FreeTokenStatus("m", limit, used, open.Values.Sum(held => held.Free)), Assert.Single(book.Describe(budget).FreeTokens));
            Assert.Equal(entries.Sum(entry => entry.Charge), book.Balance.Spend.Total);

            var some = open.Keys.ElementAtOrDefault(random.Next(open.Count + 1)) ?? "nobody";
            switch (random.Next(4))
            {
                case 0 when some != "nobody":
                    var held = open[some];
                    var tokens = random.NextInt64(held.Tokens + 1);
                    var cost = Math.Min(held.Cost, tokens * 7);
                    var free = cost == 0 ? 0 : Math.Min(tokens, held.Free + left);
                    var charge = tokens == 0 ? 0 : (long)Math.Ceiling(cost * (decimal)(tokens - free) / tokens);
                    book.Settle(new CostSettlement(some, Subject, new TokenUsage(tokens, 0), cost) { FreeTier = budget.FreeTierOf("m") }, now);
                    open.Remove(some);
                    entries.Add((now, charge, free));
                    Assert.Equal((charge, free), (book.Tail[^1].NanoUsd, book.Tail[^1].FreeTokens));
                    Assert.True(charge <= held.Charge, $"{charge} for a reservation of {held.Charge}");
                    break;
                case 1 when some != "nobody":
                    book.Release(some, now);
                    open.Remove(some);
                    break;
                default:
                    var asked = random.NextInt64(1_000);
                    var request = new CostReservationRequest
                    {
                        OperationId = $"op-{step}",
                        Budget = budget,
                        Tokens = asked,
                        NanoUsd = asked * 7,
                        Subject = Subject,
                        Lease = TimeSpan.FromDays(1_000),
                    };
                    var covered = Math.Min(asked, left);
                    var reserve = asked == 0 ? 0 : (long)Math.Ceiling(request.NanoUsd * (decimal)(asked - covered) / asked);
                    Assert.True(book.TryDecide(request, take: true, now, out var decision, out _));
                    Assert.Equal(reserve == 0 || spent + open.Values.Sum(one => one.Charge) + reserve <= budget.LimitNanoUsd, decision.Reserved);
                    if (decision.Reserved)
                        open.Add(request.OperationId, (asked, request.NanoUsd, reserve, covered));

                    break;
            }
        }
    }

    private bool Reserve(string id, long tokens, long cost, Budget? budget = null, LedgerSubject? subject = null) =>
        Decide(id, tokens, cost, budget, subject).Reserved;

    private CostDecision Decide(string id, long tokens, long cost, Budget? budget = null, LedgerSubject? subject = null)
    {
        var request = new CostReservationRequest
        {
            OperationId = id,
            Budget = budget ?? Daily,
            Tokens = tokens,
            NanoUsd = cost,
            Subject = subject ?? Subject,
        };
        Assert.True(_book.TryDecide(request, take: true, _now, out var decision, out _));
        return decision;
    }

    private void Settle(string id, long tokens, long cost) =>
        _book.Settle(new CostSettlement(id, Subject, new TokenUsage(tokens, 0), cost) { FreeTier = Daily.FreeTierOf("m") }, _now);

    private void Pass(TimeSpan time)
    {
        _now += time.Ticks;
        _book.Advance(_now);
    }
}
