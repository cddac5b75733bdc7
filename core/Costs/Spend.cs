namespace OrleansChat.Core.Costs;

/// <summary>What was booked, in all and by day, so that the spend of every kind of window is at hand.</summary>
/// <param name="calendar">Where days begin.</param>
internal sealed class Spend(BudgetCalendar calendar)
{
    /// <summary>Days kept: the longest month and the week that reaches into it.</summary>
    private const int KeptDays = 40;

    private readonly List<DaySpend> _days = [];

    /// <summary>The sum of everything booked, in nano-dollars.</summary>
    public long Total { get; private set; }

    /// <summary>The latest days with bookings.</summary>
    public IReadOnlyList<DaySpend> Days => _days;

    /// <summary>Starts from a record.</summary>
    /// <param name="total">The sum of everything booked.</param>
    /// <param name="days">The latest days.</param>
    public void Restore(long total, IEnumerable<DaySpend> days)
    {
        Total = total;
        _days.AddRange(days);
    }

    /// <summary>Books an amount.</summary>
    /// <param name="nanoUsd">Nano-dollars; negative for a correction.</param>
    /// <param name="utcTicks">When, in ticks of UTC.</param>
    /// <exception cref="OverflowException">The sum would leave 64 bits; nothing is booked.</exception>
    public void Book(long nanoUsd, long utcTicks)
    {
        Total = checked(Total + nanoUsd);
        var day = calendar.DayOf(utcTicks);
        var i = _days.Count - 1;
        while (i >= 0 && _days[i].Day > day)
            i--;

        if (i >= 0 && _days[i].Day == day)
            _days[i] = new DaySpend(day, _days[i].NanoUsd + nanoUsd);
        else
            _days.Insert(i + 1, new DaySpend(day, nanoUsd));

        if (_days.Count > KeptDays)
            _days.RemoveAt(0);
    }

    /// <summary>What was booked in the window that a moment is in.</summary>
    /// <param name="window">The kind of window.</param>
    /// <param name="utcTicks">The moment, in ticks of UTC.</param>
    /// <returns>Nano-dollars.</returns>
    public long In(BudgetWindow window, long utcTicks)
    {
        if (window == BudgetWindow.Total)
            return Total;

        var (first, next) = BudgetCalendar.DaysOf(window, calendar.DayOf(utcTicks));
        long sum = 0;
        for (var i = _days.Count - 1; i >= 0 && _days[i].Day >= first; i--)
        {
            if (_days[i].Day < next)
                sum += _days[i].NanoUsd;
        }

        return sum;
    }
}
