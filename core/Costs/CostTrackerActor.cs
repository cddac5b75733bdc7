using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Settings;

namespace OrleansChat.Core.Costs;

/// <summary>The budget and ledger of one scope: decides by <see cref="CostBook"/>, records by <see cref="CostRecord"/>.</summary>
public sealed class CostTrackerActor : ICostTrackerActor, IActorLifecycle
{
    /// <summary>Entries that the record holds before they are moved to a page.</summary>
    private const int TailLength = 32;

    /// <summary>The shortest time between two records of reservations that nobody waits for.</summary>
    private static readonly TimeSpan RecordPause = TimeSpan.FromMilliseconds(20);

    private readonly IActorContext _context;
    private readonly IActorState<CostTrackerState> _state;
    private readonly TimeProvider _time;
    private readonly SteadyClock _clock;
    private readonly StateFlush _flush;
    private readonly CostBook _book;
    private readonly CostRecord _record;
    private readonly WaitingLine<CostReservationRequest, CostDecision> _line;
    private long _pages;
    private Budget? _budget;
    private bool _recording;
    private bool _ending;

    /// <summary>Makes an activation.</summary>
    /// <param name="context">The host.</param>
    /// <param name="state">The record.</param>
    /// <param name="time">The source of time.</param>
    /// <param name="options">The settings, for the time zone.</param>
    public CostTrackerActor(
        IActorContext context, IActorState<CostTrackerState> state, TimeProvider time, IOptionsMonitor<OrleansChatOptions> options)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(options);
        _context = context;
        _state = state;
        _time = time;
        _clock = new SteadyClock(time);
        _flush = new StateFlush(SaveAsync, context.Deactivate);
        _book = new CostBook(
            new BudgetCalendar(TimeZoneInfo.FindSystemTimeZoneById(options.CurrentValue.Org.TimeZone)), () => time.GetUtcNow().UtcTicks);
        _record = new CostRecord(_book);
        _line = new WaitingLine<CostReservationRequest, CostDecision>(_clock, _book);
        _pages = state.Value.Pages;
        _record.Restore(state.Value, _clock.Now);
    }

    /// <inheritdoc/>
    public async ValueTask ActivateAsync(CancellationToken cancellationToken)
    {
        var now = _clock.Now;
        foreach (var entries in await RecentPagesAsync(cancellationToken))
            entries.ForEach(entry => _book.Recall(entry, now));

        _book.Tail.ForEach(entry => _book.Recall(entry, now));
    }

    /// <inheritdoc/>
    public ValueTask<CostDecision> ReserveAsync(CostReservationRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentException.ThrowIfNullOrEmpty(request.OperationId);
        CheckAmount(request.NanoUsd);
        CheckLease(request.Lease);

        var now = Advance();
        if (!request.Tentative && _book.Confirm(request.OperationId))
            _line.Move(now);

        if (_line.IsEmpty && _book.TryDecide(request, take: true, now, out var decision, out _))
            return DecidedAsync(request, decision);

        return WaitAsync(request, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> ConfirmAsync(string operationId, CancellationToken cancellationToken)
    {
        var now = Advance();
        var stood = _book.Confirm(operationId);
        _line.Move(now);
        RecordSoon();
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

        var now = Advance();
        try
        {
            _book.Settle(settlement, now);
        }
        catch (OverflowException overflow)
        {
            throw new RequestException(
                Problem.Of(ProblemCode.InvalidRequest, "The ledger's sum would leave the range of 64 bits; nothing was booked."), overflow);
        }

        _line.Move(now);

        // A repeat waits too: what it repeats may not be durable yet.
        return new(_record.Version == _book.Version && !_flush.IsWriting ? Task.CompletedTask : _flush.FlushAsync());
    }

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(string operationId, CancellationToken cancellationToken)
    {
        var now = Advance();
        var final = _book.Release(operationId);
        _line.Move(now);

        // Were a recorded reservation still found open after a crash, it would be charged.
        return final ? new(_flush.FlushAsync()) : default;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> RenewAsync(string operationId, TimeSpan lease, CancellationToken cancellationToken)
    {
        CheckLease(lease);
        var now = Advance();
        var open = _book.Renew(operationId, lease, now);
        _line.Move(now);
        if (open)
            await _flush.FlushAsync();

        return open;
    }

    /// <inheritdoc/>
    public ValueTask<BudgetStatus> DescribeAsync(Budget? budget, CancellationToken cancellationToken)
    {
        Advance();
        return new(_book.Describe(budget));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<LedgerEntry> ReadLedgerAsync(
        DateTimeOffset from, DateTimeOffset to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Advance();
        var pages = _pages;
        var tail = _book.Tail.ToArray();
        for (long page = 0; page < pages; page++)
        {
            var stored = await _context.OpenStateAsync<LedgerPage>(PageName(page), cancellationToken);
            foreach (var entry in stored.Value.Entries)
            {
                if (entry.SettledAt >= from && entry.SettledAt < to)
                    yield return entry;
            }
        }

        foreach (var entry in tail)
        {
            if (entry.SettledAt >= from && entry.SettledAt < to)
                yield return entry;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DeactivateAsync(CancellationToken cancellationToken)
    {
        _ending = true;
        if (!_record.IsFinal || _flush.IsWriting)
            await _flush.FlushAsync();
    }

    private static string PageName(long page) => $"ledger/{page}";

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

    private async ValueTask<CostDecision> WaitAsync(CostReservationRequest request, CancellationToken cancellationToken) =>
        await DecidedAsync(request, await _line.JoinAsync(request, take: true, cancellationToken));

    private ValueTask<CostDecision> DecidedAsync(CostReservationRequest request, CostDecision decision)
    {
        if (!decision.Reserved)
            return new(decision);

        if (request.Budget is null)
        {
            RecordSoon();
            return new(decision);
        }

        _budget = request.Budget;
        if (_record.CoversReservations)
        {
            RecordSoon();
            return new(decision);
        }

        return RecordedAsync(decision);
    }

    private async ValueTask<CostDecision> RecordedAsync(CostDecision decision)
    {
        await _flush.FlushAsync();
        return decision;
    }

    /// <summary>Puts reservations on record without anybody waiting for it, and not more often than is worth while.</summary>
    private void RecordSoon()
    {
        if (!_recording)
            _ = RecordAheadAsync();
    }

    private async Task RecordAheadAsync()
    {
        _recording = true;
        try
        {
            while (!_ending && _record.Version != _book.Version)
            {
                await _flush.FlushAsync();
                await Task.Delay(RecordPause + TimeSpan.FromMicroseconds(20 * _book.Open.Count), _time);
            }
        }
        catch (StorageException)
        {
            // The activation ends, and whoever needs the record is told by a write of his own.
        }
        finally
        {
            _recording = false;
        }
    }

    private async ValueTask SaveAsync(CancellationToken cancellationToken)
    {
        if (_book.Tail.Count >= TailLength)
            await MoveTailAsync(cancellationToken);

        _state.Value = _record.BeginWrite(_pages, _budget, _ending, _clock.Now);
        await _state.SaveAsync(cancellationToken);
        _record.EndWrite();
    }

    /// <summary>Moves the tail to a page. The page counts only with the record that is written after it.</summary>
    private async ValueTask MoveTailAsync(CancellationToken cancellationToken)
    {
        var page = await _context.OpenStateAsync<LedgerPage>(PageName(_pages), cancellationToken);
        var moved = _book.Tail.Count;
        page.Value = new LedgerPage { Entries = _book.Tail.GetRange(0, moved) };
        await page.SaveAsync(cancellationToken);
        _book.Tail.RemoveRange(0, moved);
        _pages++;
    }

    /// <summary>The pages that hold entries which a caller may still repeat, oldest first.</summary>
    private async ValueTask<List<List<LedgerEntry>>> RecentPagesAsync(CancellationToken cancellationToken)
    {
        var since = _time.GetUtcNow() - CostBook.Retention;
        var recent = new List<List<LedgerEntry>>();
        for (var page = _pages - 1; page >= 0; page--)
        {
            var stored = await _context.OpenStateAsync<LedgerPage>(PageName(page), cancellationToken);
            recent.Insert(0, stored.Value.Entries);
            if (stored.Value.Entries.TrueForAll(entry => entry.SettledAt < since))
                break;
        }

        return recent;
    }
}
