using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Costs.Alerts;
using OrleansChat.Core.Costs.Condensing;
using OrleansChat.Core.Costs.Merging;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Settings;

namespace OrleansChat.Core.Costs;

/// <summary>The budget and ledger of one scope: decides by <see cref="CostBook"/>, records by <see cref="BookRecord"/> and <see cref="ReservationRecord"/>.</summary>
public sealed class CostTrackerActor : ICostTrackerActor, IVisitedTracker, IActorLifecycle
{
    private readonly IActorContext _context;
    private readonly TimeProvider _time;
    private readonly SteadyClock _clock;
    private readonly CostBook _book;
    private readonly BookRecord _record;
    private readonly WaitingLine<CostReservationRequest, CostDecision> _line;
    private readonly IOptionsMonitor<OrleansChatOptions> _options;
    private readonly CostMetrics _metrics;
    private readonly AlertDelivery _alerts;
    private readonly SumPages _sums;
    private readonly LedgerReaders _readers = new();
    private readonly LedgerUpkeep _upkeep;
    private ReservationRecord? _reservations;
    private long _visitedAt;
    private (long Version, Budget? Budget) _watched = (-1, null);

    /// <summary>Makes an activation.</summary>
    /// <param name="context">The host.</param>
    /// <param name="state">The record.</param>
    /// <param name="time">The source of time.</param>
    /// <param name="options">The settings, for the time zone and alerts.</param>
    /// <param name="channels">Who is told of thresholds.</param>
    /// <param name="logger">The log.</param>
    /// <param name="metrics">The instruments.</param>
    public CostTrackerActor(
        IActorContext context,
        IActorState<CostTrackerState> state,
        TimeProvider time,
        IOptionsMonitor<OrleansChatOptions> options,
        IEnumerable<IBudgetAlertChannel> channels,
        ILogger<CostTrackerActor> logger,
        CostMetrics? metrics = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(options);
        _context = context;
        _time = time;
        _clock = new SteadyClock(time);
        var zone = TimeZoneInfo.FindSystemTimeZoneById(options.CurrentValue.Org.TimeZone);
        _book = new CostBook(new BudgetCalendar(zone), () => time.GetUtcNow().UtcTicks);
        _record = new BookRecord(_book, context, state, _clock);
        _line = new WaitingLine<CostReservationRequest, CostDecision>(_clock, _book);
        _options = options;
        _metrics = metrics ?? new CostMetrics();
        _alerts = new AlertDelivery(_book, _record, [.. channels], context, time, logger, _metrics);
        _sums = new SumPages(_record, context);
        _upkeep = new LedgerUpkeep(
            new LedgerCondenser(_record, _sums, _readers, new RetentionBoundary(new BudgetCalendar(zone), time, options)),
            new PageMerger(_record, _readers, new MergeBounds(time, options)),
            _readers,
            context,
            logger);
        _record.PageAdded = _upkeep.PageAdded;
    }

    private ReservationRecord Reservations => _reservations!;

    /// <inheritdoc/>
    public async ValueTask ActivateAsync(CancellationToken cancellationToken)
    {
        var stored = await _context.OpenStateAsync<ReservationsState>("open", cancellationToken);
        _reservations = new ReservationRecord(_book, _record, _context, stored, _clock);
        var recall = new LedgerRecall(_book, _record, _context, _clock, _time);
        await Reservations.RestoreAsync(await recall.RunAsync(Reservations.Entries, cancellationToken), cancellationToken);
        _alerts.Restore();
        _alerts.Soon(_options.CurrentValue.BudgetAlerts);
        _upkeep.Begin(_reservations);
    }

    /// <inheritdoc/>
    public ValueTask<CostDecision> ReserveAsync(CostReservationRequest request, CancellationToken cancellationToken)
    {
        Check(request);
        var now = Advance();
        if (!request.Tentative && _book.Confirm(request.OperationId))
            _line.Move(now);

        if (_line.IsEmpty && _book.TryDecide(request, take: true, now, out var decision, out _))
            return DecidedAsync(request, decision);

        return WaitAsync(request, cancellationToken);
    }

    /// <inheritdoc/>
    bool IVisitedTracker.MayTake(CostReservationRequest request, bool isNew)
    {
        Check(request);
        _visitedAt = Advance();
        var charge = _book.Balance.ChargeOf(request, out var free);
        return _line.IsEmpty
            && (isNew || !_book.Knows(request.OperationId))
            && _book.Balance.Fits(charge, request.Budget)
            && (request.Budget is null || _record.CoversAlso(charge, free));
    }

    /// <inheritdoc/>
    void IVisitedTracker.Take(CostReservationRequest request)
    {
        // The same moment as a moment ago: nothing else has run here in between.
        _book.Take(request, _visitedAt);
        NoteReserved(request);
    }

    /// <inheritdoc/>
    public ValueTask<bool> ConfirmAsync(string operationId, CancellationToken cancellationToken)
    {
        var now = Advance();
        var stood = _book.Confirm(operationId);
        _line.Move(now);
        Reservations.Soon();
        return new(stood);
    }

    /// <inheritdoc/>
    public ValueTask SettleAsync(CostSettlement settlement, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settlement);
        ArgumentException.ThrowIfNullOrEmpty(settlement.OperationId);
        CheckAmount(settlement.NanoUsd);
        if (settlement.Usage.InputTokens < 0 || settlement.Usage.OutputTokens < 0)
            throw RequestException.Invalid("usage", $"A settlement of {settlement.Usage}: tokens must not be negative.");

        return settlement.LostSince is { } since && since < _time.GetUtcNow() - EndedOperations.Retention
            ? ChargeOldAsync(settlement, since, cancellationToken)
            : BookAsync(settlement);
    }

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(string operationId, CancellationToken cancellationToken)
    {
        var now = Advance();
        var recorded = _book.Release(operationId, now);
        _line.Move(now);

        // Were it still found open after a crash, it would be charged.
        Reservations.Soon();
        return recorded ? new(_record.FlushAsync()) : default;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> RenewAsync(string operationId, TimeSpan lease, CancellationToken cancellationToken)
    {
        CheckLease(lease);
        var now = Advance();
        var reservation = _book.Renew(operationId, lease, now);
        _line.Move(now);
        if (reservation is null)
            return false;

        // One that has lived long enough to be renewed is on record from then on at the latest.
        if (reservation.RecordedIn is not null)
            Reservations.Soon();
        else
            await Reservations.FlushAsync();

        return true;
    }

    /// <inheritdoc/>
    public ValueTask<BudgetStatus> DescribeAsync(Budget? budget, CancellationToken cancellationToken)
    {
        Advance();
        return new(_book.Describe(budget));
    }

    /// <inheritdoc/>
    public async ValueTask<BudgetStatus> TopUpAsync(TopUp topUp, Budget budget, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(topUp);
        ArgumentNullException.ThrowIfNull(budget);
        ArgumentException.ThrowIfNullOrEmpty(topUp.OperationId);
        if (topUp.NanoUsd is <= 0 or > NanoUsd.Most)
            throw RequestException.Invalid("usd", $"A top-up of {topUp.NanoUsd} nano-dollars: it must lie between 1 and {NanoUsd.Most}.");

        var now = Advance();
        _book.Add(topUp);
        _record.Budget = budget;

        // A repeat waits too, and nobody is let in by money that is not on record.
        if (!_record.IsCurrent)
            await _record.FlushAsync();

        _line.Move(now);
        return _book.Describe(budget);
    }

    /// <inheritdoc/>
    public ValueTask<TopUpList> ListTopUpsAsync(CancellationToken cancellationToken) => new(new TopUpList([.. _book.Balance.TopUps.Latest]));

    /// <inheritdoc/>
    public async IAsyncEnumerable<LedgerEntry> ReadLedgerAsync(
        DateTimeOffset from, DateTimeOffset to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Advance();
        using var reading = _readers.Read();
        var condensed = _record.Condensed;
        var spans = _record.Index.Spans.ToArray();
        var tail = _book.Tail.ToArray();
        var sums = new LedgerReader((page, token) => _sums.ReadAsync(page, condensed.Pages, token), from.UtcTicks, to.UtcTicks);
        if (condensed.SumPages > 0)
        {
            await foreach (var sum in sums.ReadAsync(new PageSpan(0, condensed.SumPages, long.MinValue, condensed.Latest), cancellationToken))
                yield return sum;
        }

        var reader = new LedgerReader(_record.ReadPageAsync, from.UtcTicks, to.UtcTicks, condensed.Pages);
        foreach (var span in spans)
        {
            await foreach (var entry in reader.ReadAsync(span, cancellationToken))
                yield return entry;
        }

        foreach (var entry in tail.Where(reader.Holds))
            yield return entry;
    }

    /// <inheritdoc/>
    public void Close() => _record.Hurry();

    /// <inheritdoc/>
    public async ValueTask DeactivateAsync(CancellationToken cancellationToken)
    {
        // What is held back for a killed activation is over with its lease, and must not be found again.
        Advance();
        _alerts.Stop();
        await _upkeep.StopAsync();
        _record.IsEnding = true;
        _book.DropTentative();
        if (!_record.IsFinal)
            await _record.FlushAsync();

        await Reservations.EndAsync();
    }

    private static void Check(CostReservationRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentException.ThrowIfNullOrEmpty(request.OperationId);
        CheckAmount(request.NanoUsd);
        CheckLease(request.Lease);
        if (request.Tokens < 0)
            throw RequestException.Invalid("tokens", $"{request.Tokens} tokens: the number must not be negative.");
    }

    private static void CheckAmount(long nanoUsd)
    {
        if (nanoUsd is < 0 or > NanoUsd.Most)
            throw RequestException.Invalid("nanoUsd", $"An amount of {nanoUsd} nano-dollars: it must lie between 0 and {NanoUsd.Most}.");
    }

    private static void CheckLease(TimeSpan lease)
    {
        if (lease <= TimeSpan.Zero || lease > RateLimiting.RateLimitRequest.LongestLease)
        {
            throw RequestException.Invalid(
                "lease", $"A lease of {lease}: it must be above 0 and at most {RateLimiting.RateLimitRequest.LongestLease}.");
        }
    }

    private long Advance()
    {
        var now = _clock.Now;
        if (_book.Advance(now))
            _line.Move(now);

        return now;
    }

    private ValueTask BookAsync(CostSettlement settlement)
    {
        var now = Advance();
        var excesses = _book.Excess.Settlements;
        try
        {
            if (settlement.LostSince is null)
                _book.Settle(settlement, now);
            else
                _book.ChargeLost(settlement, now);
        }
        catch (OverflowException overflow)
        {
            throw new RequestException(
                Problem.Of(ProblemCode.InvalidRequest, "The ledger's sum would leave the range of 64 bits; nothing was booked."), overflow);
        }

        if (_book.Excess.Settlements > excesses)
            _metrics.CountExcess(_context.Key);

        Watch();
        _line.Move(now);
        Reservations.Soon();

        // A repeat waits too: what it repeats may not be durable yet.
        if (_record.IsCurrent)
            return default;

        return new(settlement.MayShareWrite ? _record.FlushSoonAsync() : _record.FlushAsync());
    }

    /// <summary>
    /// Charges a call that was lost long ago: what is over since then may be forgotten, but the ledger names it. Where it is condensed since then it names nothing any more; a
    /// reservation of that time is over, settled or charged when its lease ran out, and is not charged again.
    /// </summary>
    private async ValueTask ChargeOldAsync(CostSettlement lost, DateTimeOffset since, CancellationToken cancellationToken)
    {
        await foreach (var entry in ReadLedgerAsync(since, DateTimeOffset.MaxValue, cancellationToken))
        {
            if (entry.OperationId == lost.OperationId)
                return;
        }

        if (since.UtcTicks > _record.Condensed.Latest)
            await BookAsync(lost);
    }

    private void Watch()
    {
        // Nothing is reached anew unless something was booked or the budget is another.
        if (_watched != (_book.Version, _record.Budget))
        {
            _book.Watch(_record.Budget);
            _watched = (_book.Version, _record.Budget);
        }

        if (_book.Balance.Thresholds.HasUntold)
            _alerts.Soon(_options.CurrentValue.BudgetAlerts);
    }

    private async ValueTask<CostDecision> WaitAsync(CostReservationRequest request, CancellationToken cancellationToken) =>
        await DecidedAsync(request, await _line.JoinAsync(request, take: true, cancellationToken));

    private ValueTask<CostDecision> DecidedAsync(CostReservationRequest request, CostDecision decision)
    {
        return !decision.Reserved || NoteReserved(request) ? new(decision) : RecordedAsync(decision);
    }

    /// <summary>Sees to it that the record goes on covering reservations.</summary>
    /// <returns>Whether it covers this one.</returns>
    private bool NoteReserved(CostReservationRequest request)
    {
        Reservations.Soon();

        // Many have a budget of their own that says the same: the first one is kept, and old by now, so that the collector has nothing to look for here.
        if (_record.Budget != request.Budget)
            _record.Budget = request.Budget;
        if (request.Budget is not { } budget)
            return true;

        Watch();
        if (!_record.CoversReservations)
            return false;

        if (_record.RunsLow(budget))
            _ = RecordAheadAsync();

        return true;
    }

    private async ValueTask<CostDecision> RecordedAsync(CostDecision decision)
    {
        await _record.FlushAsync();
        return decision;
    }

    private async Task RecordAheadAsync()
    {
        try
        {
            await _record.FlushAsync();
        }
        catch (Exception)
        {
            // The activation ends, and whoever needs the record is told by a write of his own.
        }
    }
}
