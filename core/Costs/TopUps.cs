using OrleansChat.Core.Errors;

namespace OrleansChat.Core.Costs;

/// <summary>The additions to a budget. Their sums are kept by day like the spend, so that each counts in its own window only.</summary>
/// <param name="calendar">Where days begin.</param>
internal sealed class TopUps(BudgetCalendar calendar)
{
    /// <summary>Additions told of; an older one counts all the same, but its operation is forgotten.</summary>
    public const int Most = 1_000;

    private readonly List<TopUp> _latest = [];
    private readonly Tally _sums = new(calendar);

    /// <summary>The latest additions, oldest first.</summary>
    public IReadOnlyList<TopUp> Latest => _latest;

    /// <summary>What was added in the window that a moment is in.</summary>
    /// <param name="window">The kind of window.</param>
    /// <param name="utcTicks">The moment, in ticks of UTC.</param>
    /// <returns>Nano-dollars.</returns>
    public long In(BudgetWindow window, long utcTicks) => _sums.In(window, utcTicks);

    /// <summary>Adds to the budget, unless the operation did so before.</summary>
    /// <param name="topUp">The addition, with its time.</param>
    /// <returns>Whether it was added now.</returns>
    /// <exception cref="RequestException">The operation added another amount before, or the sum would leave 64 bits.</exception>
    public bool Add(TopUp topUp)
    {
        if (_latest.Find(known => known.OperationId == topUp.OperationId) is { } before)
        {
            return before.NanoUsd == topUp.NanoUsd
                ? false
                : throw RequestException.Invalid(
                    "operationId",
                    $"Operation '{topUp.OperationId}' added {NanoUsd.ToUsd(before.NanoUsd):0.#########} USD before.",
                    "Name each top-up by an id of its own.");
        }

        try
        {
            _sums.Book(topUp.NanoUsd, topUp.At.UtcTicks);
        }
        catch (OverflowException)
        {
            throw RequestException.Invalid("usd", "The sum of all top-ups would leave the range of 64 bits; nothing was added.");
        }

        _latest.Add(topUp);
        if (_latest.Count > Most)
            _latest.RemoveAt(0);

        return true;
    }

    /// <summary>Starts from a record.</summary>
    /// <param name="stored">The record; null for none.</param>
    public void Restore(StoredTopUps? stored)
    {
        if (stored is null)
            return;

        _latest.AddRange(stored.Latest);
        _sums.Restore(stored.TotalNanoUsd, stored.Days.Select(day => (day.Day, day.NanoUsd)));
    }

    /// <summary>What a record holds of it.</summary>
    /// <returns>The record; null where nothing was ever added.</returns>
    public StoredTopUps? Store() => _latest.Count == 0
        ? null
        : new StoredTopUps(_sums.Total, [.. _sums.Days.Select(day => new DaySpend(day.Day, day.Sum))], [.. _latest]);
}

/// <summary>Additions to a budget, as they are stored.</summary>
/// <param name="TotalNanoUsd">The sum of all, in nano-dollars.</param>
/// <param name="Days">The sums of the latest days with additions, oldest first.</param>
/// <param name="Latest">The latest additions, oldest first.</param>
public sealed record StoredTopUps(long TotalNanoUsd, IReadOnlyList<DaySpend> Days, IReadOnlyList<TopUp> Latest);
