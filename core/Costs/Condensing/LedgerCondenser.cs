using Microsoft.Extensions.Logging;
using OrleansChat.Core.Actors;

namespace OrleansChat.Core.Costs.Condensing;

/// <summary>
/// Condenses a ledger's old pages in the background, a few for each page that is added and some at each activation, so that it keeps up with any load and nobody waits for it.
/// The order is: sums are durable, the record counts them in place of the pages, the pages are removed. Whoever reads the ledger sees to its end what it was when he began.
/// </summary>
internal sealed partial class LedgerCondenser
{
    /// <summary>Pages condensed for each that is added: more than one, so that a backlog is worked off.</summary>
    private const int PagesForOne = 4;

    /// <summary>Pages removed at a time.</summary>
    private const int RemovedAtOnce = 16;

    private readonly BookRecord _record;
    private readonly SumPages _sums;
    private readonly IActorContext _context;
    private readonly RetentionBoundary _boundary;
    private readonly ILogger _logger;
    private ReservationRecord? _reservations;
    private CondensedBatch? _batch;
    private long? _young;
    private int _due;
    private int _readers;
    private bool _stopped;
    private TaskCompletionSource? _unread;
    private Task _running = Task.CompletedTask;

    /// <summary>Makes the condenser.</summary>
    /// <param name="record">The ledger's record.</param>
    /// <param name="sums">Where sums are stored.</param>
    /// <param name="context">The host.</param>
    /// <param name="boundary">Says what is old.</param>
    /// <param name="logger">The log.</param>
    public LedgerCondenser(BookRecord record, SumPages sums, IActorContext context, RetentionBoundary boundary, ILogger logger) =>
        (_record, _sums, _context, _boundary, _logger) = (record, sums, context, boundary, logger);

    /// <summary>Begins, once the activation knows its ledger.</summary>
    /// <param name="reservations">The record of reservations, which must not tell of any that only a condensed entry says is over.</param>
    public void Begin(ReservationRecord reservations)
    {
        _reservations = reservations;
        Soon(CondensedBatch.MostPages);
    }

    /// <summary>A page was added to the ledger.</summary>
    public void PageAdded() => Soon(PagesForOne);

    /// <summary>Leaves everything as it is until the reader is done.</summary>
    /// <returns>To be disposed of at the end of the reading.</returns>
    public IDisposable Read()
    {
        _readers++;
        return new Reading(this);
    }

    /// <summary>Ends it, between two steps.</summary>
    /// <returns>A task that completes when nothing runs any more.</returns>
    public Task StopAsync()
    {
        _stopped = true;
        _unread?.TrySetResult();
        return _running;
    }

    private void Soon(int pages)
    {
        _due = Math.Min(_due + pages, CondensedBatch.MostPages);
        if (_running.IsCompleted && !_stopped && _reservations is not null)
            _running = RunAsync(_reservations);
    }

    private async Task RunAsync(ReservationRecord reservations)
    {
        try
        {
            await RemoveAsync();
            while (await GatherAsync() is { } batch)
            {
                await UnreadAsync();

                // An activation that restored an older record would look for these entries, to learn what of its reservations is over.
                if (!_stopped && reservations.Entries < batch.EndEntries)
                    await reservations.FlushAsync();

                if (_stopped)
                    return;

                await _sums.AddAsync(batch);
                _batch = null;
                await RemoveAsync();
            }
        }
        catch (Exception fault)
        {
            // What was not written is gathered anew; what was is found in the record.
            _batch = null;
            if (!_stopped)
                LogPutOff(_context.Key, fault);
        }
    }

    /// <summary>Reads the next pages that are old.</summary>
    /// <returns>Pages to be condensed now; null where there are none or more are to come.</returns>
    private async Task<CondensedBatch?> GatherAsync()
    {
        var batch = _batch ??= new CondensedBatch(_boundary.Calendar, _record.Condensed.Pages);
        while (!_stopped && _due > 0)
        {
            if (_boundary.Find() is not { } boundary)
            {
                _batch = null;
                return null;
            }

            if (!MayBeOld(batch.End, boundary))
                return batch.IsEmpty ? null : batch;

            var page = await _record.ReadPageAsync(batch.End, CancellationToken.None);
            var latest = page.Entries.Max(entry => entry.SettledAt.UtcTicks);
            if (latest >= boundary)
            {
                _young = latest;
                return batch.IsEmpty ? null : batch;
            }

            _due--;
            batch.Add(page);
            if (batch.IsFull)
                return batch;

            // A store may read without a wait, and others have their turn all the same.
            await Task.Yield();
        }

        return null;
    }

    /// <summary>Whether a page need be read to know. The last one never is: it tells of all before it.</summary>
    private bool MayBeOld(long number, long boundary)
    {
        if (number >= _record.Pages - 1)
            return false;

        if (_young is { } latest)
        {
            if (latest >= boundary)
                return false;

            _young = null;
        }

        return _record.Index.Spans.First(span => span.Last >= number).Earliest < boundary;
    }

    /// <summary>Removes the pages that count no more by the durable record, those too that a crash left.</summary>
    private async Task RemoveAsync()
    {
        var first = _record.Condensed.Cleared;
        while (!_stopped && _record.Condensed.Cleared is var from && from < _record.DurablyCondensed.Pages)
        {
            await UnreadAsync();
            if (_stopped)
                return;

            var to = Math.Min(from + RemovedAtOnce, _record.DurablyCondensed.Pages);
            await Task.WhenAll(Enumerable.Range(0, (int)(to - from)).Select(i => RemoveAsync(from + i)));
            _record.Condensed = _record.Condensed with { Cleared = to };
        }

        if (_record.Condensed.Cleared != first)
            await _record.FlushAsync();
    }

    private async Task RemoveAsync(long number)
    {
        var page = await _record.OpenPageAsync(number, CancellationToken.None);
        if (page.Exists)
            await page.ClearAsync(CancellationToken.None);
    }

    private async Task UnreadAsync()
    {
        while (_readers > 0 && !_stopped)
        {
            _unread ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await _unread.Task;
        }
    }

    private void EndReading()
    {
        if (--_readers > 0)
            return;

        _unread?.TrySetResult();
        _unread = null;
    }

    [LoggerMessage(414, LogLevel.Warning, "The ledger of scope {Scope} could not be condensed now; nothing of it is lost, and the next page or activation tries again")]
    private partial void LogPutOff(string scope, Exception fault);

    private sealed class Reading(LedgerCondenser condenser) : IDisposable
    {
        private bool _ended;

        public void Dispose()
        {
            if (!_ended)
                condenser.EndReading();

            _ended = true;
        }
    }
}
