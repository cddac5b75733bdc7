using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Costs.Condensing;

/// <summary>
/// Sums entries by all that a report can tell apart: day, key, team, model, upstream, whether tokens were estimated, a lease ran out or a charge was corrected. A day ends at
/// midnight of the budgets' time zone and at midnight UTC, so that reports by either are the same from sums as from entries.
/// </summary>
/// <param name="calendar">Where days of the budgets' time zone begin.</param>
internal sealed class DaySums(BudgetCalendar calendar)
{
    private readonly Dictionary<LedgerEntry, LedgerEntry> _sums = [];
    private readonly List<LedgerEntry> _full = [];

    /// <summary>How many sums there are.</summary>
    public int Count => _sums.Count + _full.Count;

    /// <summary>Adds an entry, or a sum of entries.</summary>
    /// <param name="entry">The entry.</param>
    public void Add(LedgerEntry entry)
    {
        var kind = KindOf(entry);
        if (!_sums.TryGetValue(kind, out var sum))
            sum = kind;

        try
        {
            _sums[kind] = Plus(sum, entry);
        }
        catch (OverflowException)
        {
            // What was saved is bounded by nothing: two sums say what one cannot.
            _full.Add(sum);
            _sums[kind] = Plus(kind, entry);
        }
    }

    /// <summary>The sums.</summary>
    /// <returns>The sums in the order of their days.</returns>
    public List<LedgerEntry> ToList() => [.. _full.Concat(_sums.Values).OrderBy(sum => sum.SettledAt)];

    /// <summary>An entry of nothing that all entries of one sum have in common.</summary>
    private LedgerEntry KindOf(LedgerEntry entry)
    {
        var subject = entry.Subject.SessionId is null ? entry.Subject : entry.Subject with { SessionId = null };
        return new LedgerEntry("", DayOf(entry.SettledAt.UtcTicks), subject, TokenUsage.Zero with { Estimated = entry.Usage.Estimated }, 0)
        {
            LeaseExpired = entry.LeaseExpired,
            IsCorrection = entry.IsCorrection,
        };
    }

    private DateTimeOffset DayOf(long utcTicks)
    {
        var midnight = utcTicks - (utcTicks % TimeSpan.TicksPerDay);
        return new DateTimeOffset(Math.Max(midnight, calendar.StartOf(calendar.DayOf(utcTicks)).UtcTicks), TimeSpan.Zero);
    }

    private static LedgerEntry Plus(LedgerEntry sum, LedgerEntry entry)
    {
        var (left, right) = (sum.Usage, entry.Usage);
        checked
        {
            return sum with
            {
                NanoUsd = sum.NanoUsd + entry.NanoUsd,
                SavedNanoUsd = sum.SavedNanoUsd + entry.SavedNanoUsd,
                FreeTokens = sum.FreeTokens + entry.FreeTokens,
                FreeNanoUsd = sum.FreeNanoUsd + entry.FreeNanoUsd,
                SumOf = sum.SumOf + entry.Count,
                Usage = left with
                {
                    InputTokens = left.InputTokens + right.InputTokens,
                    OutputTokens = left.OutputTokens + right.OutputTokens,
                    CachedInputTokens = left.CachedInputTokens + right.CachedInputTokens,
                    CacheWriteInputTokens = left.CacheWriteInputTokens + right.CacheWriteInputTokens,
                    ReasoningTokens = left.ReasoningTokens + right.ReasoningTokens,
                },
            };
        }
    }
}
