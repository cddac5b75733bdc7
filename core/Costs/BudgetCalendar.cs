namespace OrleansChat.Core.Costs;

/// <summary>Days, weeks and months as they begin in one time zone. A day is a <see cref="DateOnly.DayNumber"/>.</summary>
/// <param name="zone">The time zone.</param>
internal sealed class BudgetCalendar(TimeZoneInfo zone)
{
    private int _day;
    private long _dayStart;
    private long _dayEnd;

    /// <summary>The day of a moment.</summary>
    /// <param name="utcTicks">The moment, in ticks of UTC.</param>
    /// <returns>The day.</returns>
    public int DayOf(long utcTicks)
    {
        if (utcTicks < _dayStart || utcTicks >= _dayEnd)
        {
            var local = TimeZoneInfo.ConvertTime(new DateTimeOffset(utcTicks, TimeSpan.Zero), zone);
            _day = DateOnly.FromDateTime(local.DateTime).DayNumber;
            _dayStart = StartOf(_day).UtcTicks;
            _dayEnd = StartOf(_day + 1).UtcTicks;
        }

        return _day;
    }

    /// <summary>The window that a day is in.</summary>
    /// <param name="window">The kind of window.</param>
    /// <param name="day">The day.</param>
    /// <returns>Its first day, and the first day after it.</returns>
    public static (int First, int Next) DaysOf(BudgetWindow window, int day)
    {
        var date = DateOnly.FromDayNumber(day);
        switch (window)
        {
            case BudgetWindow.Day:
                return (day, day + 1);
            case BudgetWindow.Week:
                var monday = day - (((int)date.DayOfWeek + 6) % 7);
                return (monday, monday + 7);
            case BudgetWindow.Month:
                var first = new DateOnly(date.Year, date.Month, 1);
                return (first.DayNumber, first.AddMonths(1).DayNumber);
            default:
                return (0, int.MaxValue);
        }
    }

    /// <summary>The moment at which a day begins: midnight, or the end of the gap where clocks leap over midnight.</summary>
    /// <param name="day">The day.</param>
    /// <returns>The moment, UTC.</returns>
    public DateTimeOffset StartOf(int day)
    {
        var midnight = DateOnly.FromDayNumber(day).ToDateTime(TimeOnly.MinValue);
        if (zone.IsInvalidTime(midnight))
        {
            // A gap that begins at midnight begins in the old offset, and its first moment is the first of the day after it.
            var before = zone.GetUtcOffset(midnight.AddDays(-1));
            return new DateTimeOffset(midnight, before).ToUniversalTime();
        }

        // Of two midnights on one day, the first.
        var offset = zone.IsAmbiguousTime(midnight) ? zone.GetAmbiguousTimeOffsets(midnight).Max() : zone.GetUtcOffset(midnight);
        return new DateTimeOffset(midnight, offset).ToUniversalTime();
    }
}
