using OrleansChat.Core.Costs;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Tests.Costs;

/// <summary>Every window of four years ends to the tick where the next begins, whatever the clocks of its zone do.</summary>
public sealed class RollOverTests
{
    private static readonly LedgerSubject Subject = new("k", null, null, "m", "u");

    [Theory]
    [InlineData("UTC")]
    [InlineData("Europe/Berlin")]
    [InlineData("America/New_York")]
    [InlineData("America/Havana")] // clocks leap at midnight, and fall back to it
    [InlineData("Asia/Beirut")] // clocks leap at midnight
    [InlineData("America/Sao_Paulo")]
    [InlineData("Australia/Lord_Howe")] // clocks move by half an hour
    [InlineData("Asia/Kathmandu")]
    [InlineData("Pacific/Kiritimati")] // 14 hours ahead
    [InlineData("Africa/Casablanca")]
    public void EveryWindow_EndsToTheTick_AndNothingIsLost(string zone)
    {
        foreach (var window in (ReadOnlySpan<BudgetWindow>)[BudgetWindow.Day, BudgetWindow.Week, BudgetWindow.Month])
            Check(zone, window);
    }

    private static void Check(string zone, BudgetWindow window)
    {
        var now = new DateTimeOffset(2029, 12, 31, 12, 0, 0, TimeSpan.Zero).UtcTicks;
        var last = new DateTimeOffset(2034, 1, 1, 0, 0, 0, TimeSpan.Zero).UtcTicks;
        var book = new CostBook(new BudgetCalendar(TimeZoneInfo.FindSystemTimeZoneById(zone)), () => now);
        var budget = new Budget(1_000, window) { FreeTokens = new Dictionary<string, long> { ["m"] = 10 } };
        for (var windows = 1; now < last; windows++)
        {
            Assert.Equal((0, 0), Spent(book, budget));
            book.Settle(new CostSettlement($"free-{windows}", Subject, new TokenUsage(10, 0), 10) { FreeTier = budget.FreeTierOf("m") }, now);
            book.Settle(new CostSettlement($"paid-{windows}", Subject, new TokenUsage(10, 0), 1_000) { FreeTier = budget.FreeTierOf("m") }, now);
            book.Add(new TopUp($"top-up-{windows}", 7, "boss"));
            var status = book.Describe(budget);
            Assert.Equal((1_000, 1_007, 10), (status.SpentNanoUsd, status.LimitNanoUsd!.Value, status.FreeTokens[0].Used));
            Assert.Equal(windows * 1_000L, book.Balance.Spend.Total);

            now = status.WindowEnd!.Value.UtcTicks - 1;
            book.Advance(now);
            Assert.False(Fits(book, budget, 8), $"{zone}: {window} ends before {new DateTime(now, DateTimeKind.Utc):O}");

            now++;
            book.Advance(now);
            Assert.True(Fits(book, budget, 1_000), $"{zone}: {window} goes on at {new DateTime(now, DateTimeKind.Utc):O}");
            Assert.False(Fits(book, budget, 1_001));
            Assert.Equal(status.WindowEnd, book.Describe(budget).WindowStart);
        }
    }

    private static (long, long) Spent(CostBook book, Budget budget) =>
        (book.Describe(budget).SpentNanoUsd, book.Describe(budget).FreeTokens[0].Used);

    private static bool Fits(CostBook book, Budget budget, long nanoUsd) => book.Balance.Fits(nanoUsd, budget);
}
