using OrleansChat.Core.Costs;

namespace OrleansChat.Core.Tests.Costs;

public sealed class BudgetCalendarTests
{
    [Theory]
    [InlineData(BudgetWindow.Day, "2030-03-13", "2030-03-13", "2030-03-14")]
    [InlineData(BudgetWindow.Week, "2030-03-13", "2030-03-11", "2030-03-18")]
    [InlineData(BudgetWindow.Week, "2030-03-17", "2030-03-11", "2030-03-18")]
    [InlineData(BudgetWindow.Week, "2030-03-18", "2030-03-18", "2030-03-25")]
    [InlineData(BudgetWindow.Month, "2030-02-28", "2030-02-01", "2030-03-01")]
    [InlineData(BudgetWindow.Month, "2030-12-31", "2030-12-01", "2031-01-01")]
    public void DaysOf_ADay_IsItsCalendarWindow(BudgetWindow window, string day, string first, string next)
    {
        var days = BudgetCalendar.DaysOf(window, Number(day));

        Assert.Equal((Number(first), Number(next)), days);
    }

    [Theory]
    [InlineData("Europe/Berlin", "2030-03-31", "2030-03-30T23:00:00Z", 23)]
    [InlineData("Europe/Berlin", "2030-10-27", "2030-10-26T22:00:00Z", 25)]
    [InlineData("America/New_York", "2030-07-04", "2030-07-04T04:00:00Z", 24)]
    [InlineData("Asia/Beirut", "2030-03-31", "2030-03-30T22:00:00Z", 23)] // clocks leap from 00:00 to 01:00
    [InlineData("UTC", "2030-01-01", "2030-01-01T00:00:00Z", 24)]
    public void StartOf_ADay_IsItsFirstMomentInTheZone(string zone, string day, string start, int hours)
    {
        var calendar = new BudgetCalendar(TimeZoneInfo.FindSystemTimeZoneById(zone));

        Assert.Equal(DateTimeOffset.Parse(start, null), calendar.StartOf(Number(day)));
        Assert.Equal(TimeSpan.FromHours(hours), calendar.StartOf(Number(day) + 1) - calendar.StartOf(Number(day)));
    }

    [Theory]
    [InlineData("Europe/Berlin")]
    [InlineData("America/New_York")]
    [InlineData("America/Havana")] // clocks leap at midnight, and fall back to it
    [InlineData("Asia/Beirut")]
    [InlineData("Australia/Lord_Howe")]
    [InlineData("Pacific/Apia")]
    public void DayOf_EveryHalfHourOfAYear_IsTheDayThatBeganLast(string zone)
    {
        var calendar = new BudgetCalendar(TimeZoneInfo.FindSystemTimeZoneById(zone));
        var from = new DateTimeOffset(2029, 12, 31, 0, 0, 0, TimeSpan.Zero);
        for (var at = from; at < from.AddDays(368); at = at.AddMinutes(30))
        {
            var day = calendar.DayOf(at.UtcTicks);
            Assert.True(calendar.StartOf(day) <= at, $"{at:u} lies before its day {DateOnly.FromDayNumber(day)}");
            Assert.True(at < calendar.StartOf(day + 1), $"{at:u} lies after its day {DateOnly.FromDayNumber(day)}");
        }
    }

    private static int Number(string day) => DateOnly.Parse(day, null).DayNumber;
}
