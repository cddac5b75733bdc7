namespace OrleansChat.Core.Costs;

/// <summary>What was booked, in all and by day, so that the sum of every kind of window is at hand.</summary>
/// <param name="calendar">Where days begin.</param>
internal sealed class Tally(BudgetCalendar calendar)
{
    /// <summary>Days kept: the longest month and the week that reaches into it.</summary>
    private const int KeptDays = 40;

    private readonly List<(int Day, long Sum)> _days = [];

    /// <summary>The sum of everything booked.</summary>
    public long Total { get; private set; }

    /// <summary>The sums of the latest days with bookings, oldest first.</summary>
    public IReadOnlyList<(int Day, long Sum)> Days => _days;

    /// <summary>Starts from a record.</summary>
    /// <param name="total">The sum of everything booked.</param>
    /// <param name="days">The latest days.</param>
    public void Restore(long total, IEnumerable<(int Day, long Sum)> days)
    {
        Total = total;
        _days.AddRange(days);
    }

    /// <summary>Books an amount.</summary>
    /// <param name="amount">The amount; negative for a correction.</param>
    /// <param name="utcTicks">When, in ticks of UTC.</param>
    /// <exception cref="OverflowException">The sum would leave 64 bits; nothing is booked.</exception>
    public void Book(long amount, long utcTicks)
    {
        Total = checked(Total + amount);
        var day = calendar.DayOf(utcTicks);
        var i = _days.Count - 1;
        while (i >= 0 && _days[i].Day > day)
            i--;

        if (i >= 0 && _days[i].Day == day)
            _days[i] = (day, _days[i].Sum + amount);
        else
            _days.Insert(i + 1, (day, amount));

        if (_days.Count > KeptDays)
            _days.RemoveAt(0);
    }

    /// <summary>What was booked in the window that a moment is in.</summary>
    /// <param name="window">The kind of window.</param>
    /// <param name="utcTicks">The moment, in ticks of UTC.</param>
    /// <returns>The sum.</returns>
    public long In(BudgetWindow window, long utcTicks)
    {
        if (window == BudgetWindow.Total)
            return Total;

        var (first, next) = BudgetCalendar.DaysOf(window, calendar.DayOf(utcTicks));
        long sum = 0;
        for (var i = _days.Count - 1; i >= 0 && _days[i].Day >= first; i--)
        {
            if (_days[i].Day < next)
                sum += _days[i].Sum;
        }

        return sum;
    }
}
