using Microsoft.Extensions.Options;
using OrleansChat.Core.Settings;

namespace OrleansChat.Core.Costs.Merging;

/// <summary>Says of which times pages are merged.</summary>
/// <param name="time">The time of day.</param>
/// <param name="options">The retention.</param>
internal sealed class MergeBounds(TimeProvider time, IOptionsMonitor<OrleansChatOptions> options)
{
    /// <summary>A merged page is condensed when its last entry is old, so its first may stay longer by one part in this many of the retention.</summary>
    private const int PartOfRetention = 16;

    /// <summary>
    /// An activation reads back to entries of that age, to learn what is over: pages before them are read for reports alone. The minute is for clocks that differ.
    /// </summary>
    private static readonly TimeSpan Age = EndedOperations.Retention + TimeSpan.FromMinutes(1);

    /// <summary>The latest time of an entry in a page that is merged, in ticks of UTC.</summary>
    public long Latest => (time.GetUtcNow() - Age).UtcTicks;

    /// <summary>The longest time between two entries of a merged page, in ticks.</summary>
    public long Longest => options.CurrentValue.Ledger.RetentionDays is > 0 and var days ? TimeSpan.TicksPerDay * days / PartOfRetention : long.MaxValue;
}
