using OrleansChat.Core.Actors;

namespace OrleansChat.Core.Costs;

/// <summary>
/// Keeps a book's balance, ledger and allowance durable, by group commit. The allowance is a small share of the budget that may be reserved
/// beyond the record, so that few reservations wait for a write.
/// </summary>
internal sealed class BookRecord
{
    /// <summary>
    /// Entries that the record holds before they are moved to a page. Each write of a quiet ledger repeats half as many on average, and a page costs
    /// about as much as one write; a busy ledger's pages are as long as what shares a write.
    /// </summary>
    private const int TailLength = 12;

    /// <summary>One part in this many of a budget is allowed for in advance.</summary>
    private const int Shares = 64;

    /// <summary>
    /// How long entries for which nobody waits are put off at most, to share a write: short beside the second after which a reservation is on record, and
    /// long beside a flush. All books of a process write at the same moments, so that they share the store's flushes as well.
    /// </summary>
    private static readonly TimeSpan Company = TimeSpan.FromMilliseconds(8);

    private readonly CostBook _book;
    private readonly IActorContext _context;
    private readonly IActorState<CostTrackerState> _state;
    private readonly StateFlush _flush;
    private Int128 _durable;
    private long _version;
    private bool _isOpen;

    /// <summary>Makes the record.</summary>
    /// <param name="book">The book.</param>
    /// <param name="context">The host.</param>
    /// <param name="state">The stored record.</param>
    /// <param name="clock">The activation's clock.</param>
    public BookRecord(CostBook book, IActorContext context, IActorState<CostTrackerState> state, SteadyClock clock)
    {
        _book = book;
        _context = context;
        _state = state;
        _flush = new StateFlush(SaveAsync, context.Deactivate, () => clock.UntilAsync(((clock.Now / Company.Ticks) + 1) * Company.Ticks, CancellationToken.None));
        Pages = DurablePages = state.Value.Pages;
        PagedEntries = state.Value.PagedEntries;
        MergedPages = state.Value.MergedPages;
        Condensed = DurablyCondensed = state.Value.Condensed ?? CondensedPages.None;
        _durable = state.Value.GrantedNanoUsd;
        MostReserved = state.Value.ReservedNanoUsd + state.Value.AllowedNanoUsd;
        WasOpen = _isOpen = state.Value.IsOpen;
        Budget = state.Value.Budget;
        book.Restore(state.Value);
    }

    /// <summary>Whether the activation before this one may have made reservations that no record tells of.</summary>
    public bool WasOpen { get; }

    /// <summary>Which pages hold which times.</summary>
    public LedgerIndex Index { get; } = new();

    /// <summary>The most that can have been set aside when the activation before this one ended.</summary>
    public Int128 MostReserved { get; }

    /// <summary>The pages that count.</summary>
    public long Pages { get; private set; }

    /// <summary>The same as the durable record tells of it.</summary>
    public long DurablePages { get; private set; }

    /// <summary>What of them is condensed.</summary>
    public CondensedPages Condensed { get; set; }

    /// <summary>The same as the durable record tells of it: what it says is condensed may be removed.</summary>
    public CondensedPages DurablyCondensed { get; private set; }

    /// <summary>Pages before this one are merged as far as they ever are. The next write says so; where a crash comes first, it is found out again.</summary>
    public long MergedPages { get; set; }

    /// <summary>Told when a page counts more.</summary>
    public Action PageAdded { get; set; } = static () => { };

    /// <summary>Entries in those pages, condensed ones too.</summary>
    public long PagedEntries { get; private set; }

    /// <summary>Entries booked in all.</summary>
    public long Entries => PagedEntries + _book.Tail.Count;

    /// <summary>Whether everything reserved is within the durable record.</summary>
    public bool CoversReservations => _book.Granted <= _durable && (_isOpen || !_book.Balance.Free.HasHeld);

    /// <summary>Whether a further reservation would be within the durable record.</summary>
    /// <param name="charge">What it would set aside, in nano-dollars.</param>
    /// <param name="free">The free tokens that it would hold.</param>
    /// <returns>Whether it would.</returns>
    public bool CoversAlso(long charge, long free) =>
        _book.Granted + charge <= _durable && (_isOpen || (free == 0 && !_book.Balance.Free.HasHeld));

    /// <summary>Whether everything booked is durable.</summary>
    public bool IsCurrent => _version == _book.Version && !_flush.IsWriting;

    /// <summary>Whether the allowance should be renewed soon, so that no reservation has to wait for it.</summary>
    /// <param name="budget">The budget that holds now.</param>
    /// <returns>Whether it should.</returns>
    public bool RunsLow(Budget budget) => !_flush.IsWriting && _book.Granted + (ShareOf(budget) / 2) > _durable;

    /// <summary>The budget that held last; null for none.</summary>
    public Budget? Budget { get; set; }

    /// <summary>Whether nothing can be reserved after the next record.</summary>
    public bool IsEnding { get; set; }

    /// <summary>Whether the record says all and allows for nothing more.</summary>
    public bool IsFinal => IsCurrent && _durable == _book.Granted && !_isOpen;

    /// <summary>Makes everything up to now durable.</summary>
    /// <returns>A task that all callers of one write share.</returns>
    public Task FlushAsync() => _flush.FlushAsync();

    /// <summary>Makes everything up to now durable within some milliseconds, for callers whom nobody waits for.</summary>
    /// <returns>A task that all callers of one write share.</returns>
    public Task FlushSoonAsync() => _flush.FlushSoonAsync();

    /// <summary>Puts nothing off any longer.</summary>
    public void Hurry() => _flush.Hurry();

    /// <summary>The page of that number.</summary>
    /// <param name="page">The number.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The page.</returns>
    public ValueTask<IActorState<LedgerPage>> OpenPageAsync(long page, CancellationToken cancellationToken) =>
        _context.OpenStateAsync<LedgerPage>($"ledger/{page}", cancellationToken);

    /// <summary>Reads a page that counts.</summary>
    /// <param name="page">The number.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The page.</returns>
    /// <exception cref="Errors.StorageException">It is gone: another activation owns the ledger and has condensed or merged it, and this one ends.</exception>
    public async ValueTask<LedgerPage> ReadPageAsync(long page, CancellationToken cancellationToken)
    {
        var stored = await OpenPageAsync(page, cancellationToken);
        return stored.Exists ? stored.Value : throw Outrun();
    }

    /// <summary>Ends an activation that does not own the ledger any more.</summary>
    /// <returns>What its caller is told.</returns>
    public Errors.StorageException Outrun()
    {
        _context.Deactivate();
        return new Errors.StorageException($"The ledger of '{_context.Key}' was condensed or merged by another activation.");
    }

    private static long ShareOf(Budget budget) => Math.Max(1, budget.LimitNanoUsd / Shares);

    private async ValueTask SaveAsync(CancellationToken cancellationToken)
    {
        var moves = _book.Tail.Count >= TailLength;
        if (moves)
            await MoveTailAsync(cancellationToken);

        await WriteAsync(cancellationToken);
        if (moves)
            PageAdded();
    }

    private async ValueTask WriteAsync(CancellationToken cancellationToken)
    {
        var version = _book.Version;
        var granted = IsEnding ? _book.Granted : Int128.Max(_durable, _book.Granted + (Budget is null ? 0 : ShareOf(Budget)));
        var isOpen = !IsEnding || _book.Balance.FreeIsHeldBack;
        var record = new CostTrackerState
        {
            Pages = Pages,
            PagedEntries = PagedEntries,
            MergedPages = MergedPages,
            Condensed = Condensed == CondensedPages.None ? null : Condensed,
            Tail = _book.Tail,
            GrantedNanoUsd = granted,
            AllowedNanoUsd = (long)Int128.Min(granted - _book.Granted, long.MaxValue),
            TakenBack = [.. _book.TakenBack.All],
            Charged = [.. _book.Ended.Charged],
            Excesses = _book.Excess.Settlements,
            ExcessNanoUsd = _book.Excess.NanoUsd,
            Budget = Budget,
            IsOpen = isOpen,
        };
        _book.Balance.Store(record);
        _state.Value = record;
        await _state.SaveAsync(cancellationToken);
        (_durable, _version, _isOpen) = (granted, version, isOpen);
        (DurablePages, DurablyCondensed) = (record.Pages, record.Condensed ?? CondensedPages.None);
    }

    /// <summary>Moves the tail to a page. The page counts only with the record that is written after it.</summary>
    private async ValueTask MoveTailAsync(CancellationToken cancellationToken)
    {
        var page = await OpenPageAsync(Pages, cancellationToken);

        // Left by the dead, or written by another activation that owns the book by now: then this write of the record is refused.
        if (page.Exists)
            await WriteAsync(cancellationToken);

        Index.Forget(DurablyCondensed.Pages);
        var moved = _book.Tail.Count;
        var entries = _book.Tail.GetRange(0, moved);
        page.Value = new LedgerPage { First = PagedEntries, Earlier = [.. Index.Spans], Entries = entries };
        await page.SaveAsync(cancellationToken);
        Index.Add(LedgerIndex.SpanOf(Pages, entries));
        _book.Tail.RemoveRange(0, moved);
        PagedEntries += moved;
        Pages++;
    }
}
