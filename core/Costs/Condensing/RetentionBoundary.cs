using Microsoft.Extensions.Options;
using OrleansChat.Core.Settings;

namespace OrleansChat.Core.Costs.Condensing;

/// <summary>Says which entries are old enough to be condensed, and to which of its sums each belongs.</summary>
/// <param name="calendar">Where days begin; no other's, since a calendar remembers the day that it was asked for last.</param>
/// <param name="time">The time of day.</param>
/// <param name="options">The retention.</param>
internal sealed class RetentionBoundary(BudgetCalendar calendar, TimeProvider time, IOptionsMonitor<OrleansChatOptions> options)
{
    /// <summary>Where days begin.</summary>
    public BudgetCalendar Calendar => calendar;

    /// <summary>
    /// Entries before this moment are old: the beginning of the day that it was a whole retention ago. It is a day ago at least, which is as long as an estimate can be
    /// corrected and longer than any operation is repeated.
    /// </summary>
    /// <returns>Ticks of UTC; null where all entries are kept.</returns>
    public long? Find()
    {
        var days = options.CurrentValue.Ledger.RetentionDays;
        return days == 0 ? null : calendar.StartOf(calendar.DayOf(time.GetUtcNow().AddDays(-days).UtcTicks)).UtcTicks;
    }
}
