namespace OrleansChat.Core.Costs;

/// <summary>
/// Between a book in memory and its record. The record allows for a small share of the budget in advance, so that few reservations wait for
/// a write; after a crash the share is held back until the leases of those that may have been reserved have run out.
/// </summary>
/// <param name="book">The book.</param>
internal sealed class CostRecord(CostBook book)
{
    /// <summary>One part in this many of a budget is allowed for in advance.</summary>
    private const int Shares = 64;

    private Int128 _durable;
    private Int128 _writing;

    /// <summary>Whether everything reserved is within the durable record.</summary>
    public bool CoversReservations => book.Granted <= _durable;

    /// <summary>Whether the record says all there is to say and allows for nothing more.</summary>
    public bool IsFinal => Version == book.Version && _durable == book.Granted;

    /// <summary>The change of the book that the last record holds.</summary>
    public long Version { get; private set; }

    /// <summary>A record of the book as it is.</summary>
    /// <param name="pages">The pages that count.</param>
    /// <param name="budget">The budget that held last; null for none.</param>
    /// <param name="final">Whether nothing can be reserved after the record.</param>
    /// <param name="now">Now, in ticks.</param>
    /// <returns>The record, to be written at once.</returns>
    public CostTrackerState BeginWrite(long pages, Budget? budget, bool final, long now)
    {
        Version = book.Version;
        _writing = final ? book.Granted
            : Int128.Max(_durable, book.Granted + (budget is null ? 0 : Math.Max(1, budget.LimitNanoUsd / Shares)));
        var allowed = _writing - book.Granted + (book.ReservedNanoUsd - book.NamedNanoUsd);
        var open = new List<StoredReservation>(book.Open.Count);
        foreach (var held in book.Open.All)
        {
            if (held.Tentative)
                allowed += held.NanoUsd;
            else
                open.Add(new StoredReservation(held.Id, held.Since, held.NanoUsd, held.LeaseEnd, held.Subject));
        }

        return new CostTrackerState
        {
            TotalNanoUsd = book.Spend.Total,
            Days = [.. book.Spend.Days],
            Pages = pages,
            Tail = book.Tail,
            Open = open,
            AllowedNanoUsd = (long)Int128.Min(allowed, long.MaxValue),
            LeaseTicks = Math.Max(RateLimiting.RateLimitRequest.DefaultLease.Ticks, book.Open.LongestLease(now)),
            Excesses = book.Excesses,
            ExcessNanoUsd = book.ExcessNanoUsd,
        };
    }

    /// <summary>The record is durable.</summary>
    public void EndWrite() => _durable = _writing;

    /// <summary>Fills an empty book from a record.</summary>
    /// <param name="state">The record.</param>
    /// <param name="now">Now, in ticks.</param>
    public void Restore(CostTrackerState state, long now)
    {
        book.Spend.Restore(state.TotalNanoUsd, state.Days);
        book.Tail.AddRange(state.Tail);
        book.Excesses = state.Excesses;
        book.ExcessNanoUsd = state.ExcessNanoUsd;
        book.AssumeUnnamed(state.AllowedNanoUsd, now + state.LeaseTicks);
        foreach (var stored in state.Open)
        {
            book.Restore(new Reservation(stored.Id, stored.Since)
            {
                NanoUsd = stored.NanoUsd,
                Subject = stored.Subject,
                LeaseEnd = stored.LeaseEnd,
                Deadline = stored.LeaseEnd,
            });
        }
    }
}
