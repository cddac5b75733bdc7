using Microsoft.Extensions.Logging;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Costs.Condensing;
using OrleansChat.Core.Costs.Merging;

namespace OrleansChat.Core.Costs;

/// <summary>
/// Keeps a ledger small in the background: condenses what is old, merges what is not, one after the other. Some pages are worked off for each that is added, and some at
/// each activation, so that it keeps up with any load and nobody waits for it.
/// </summary>
internal sealed partial class LedgerUpkeep
{
    /// <summary>Pages worked off for each that is added: more than one, so that a backlog is too.</summary>
    private const int PagesForOne = 4;

    /// <summary>Pages worked off at a time at most.</summary>
    private const int PagesAtOnce = CondensedBatch.MostPages;

    private readonly LedgerCondenser _condenser;
    private readonly PageMerger _merger;
    private readonly LedgerReaders _readers;
    private readonly IActorContext _context;
    private readonly ILogger _logger;
    private ReservationRecord? _reservations;
    private bool _isAskedAgain;
    private Task _running = Task.CompletedTask;

    /// <summary>Makes the upkeep.</summary>
    /// <param name="condenser">Condenses.</param>
    /// <param name="merger">Merges.</param>
    /// <param name="readers">Those who read.</param>
    /// <param name="context">The host.</param>
    /// <param name="logger">The log.</param>
    public LedgerUpkeep(LedgerCondenser condenser, PageMerger merger, LedgerReaders readers, IActorContext context, ILogger logger) =>
        (_condenser, _merger, _readers, _context, _logger) = (condenser, merger, readers, context, logger);

    /// <summary>Begins, once the activation knows its ledger.</summary>
    /// <param name="reservations">The record of reservations, which must not tell of any that only an entry says is over that is read no more.</param>
    public void Begin(ReservationRecord reservations)
    {
        _reservations = reservations;
        Soon(PagesAtOnce);
    }

    /// <summary>A page was added to the ledger.</summary>
    public void PageAdded() => Soon(PagesForOne);

    /// <summary>Ends it, between two steps.</summary>
    /// <returns>A task that completes when nothing runs any more.</returns>
    public Task StopAsync()
    {
        _readers.Stop();
        return _running;
    }

    private void Soon(int pages)
    {
        _condenser.Due = Math.Min(_condenser.Due + pages, PagesAtOnce);
        _merger.Due = Math.Min(_merger.Due + pages, PagesAtOnce);
        _isAskedAgain = true;
        if (_running.IsCompleted && !_readers.IsStopped && _reservations is not null)
            _running = RunAsync(_reservations);
    }

    private async Task RunAsync(ReservationRecord reservations)
    {
        try
        {
            while (_isAskedAgain && !_readers.IsStopped)
            {
                _isAskedAgain = false;
                await _condenser.RunAsync(reservations);
                await _merger.RunAsync(reservations, _condenser.End);
            }
        }
        catch (Exception fault)
        {
            // What was not written is gathered anew; what was is found in the record and in the pages.
            _condenser.Forget();
            if (!_readers.IsStopped)
                LogPutOff(_context.Key, fault);
        }
    }

    [LoggerMessage(414, LogLevel.Warning, "The ledger of scope {Scope} could not be condensed or merged now; nothing of it is lost, and the next page or activation tries again")]
    private partial void LogPutOff(string scope, Exception fault);
}
