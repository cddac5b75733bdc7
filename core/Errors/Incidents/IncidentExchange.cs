using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using OrleansChat.Core.Actors;

namespace OrleansChat.Core.Errors.Incidents;

/// <summary>Tells the owner of incidents what failed here, and learns what it knows.</summary>
/// <param name="log">What failed here.</param>
/// <param name="actors">Where the owner is.</param>
/// <param name="logger">The log.</param>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore that nobody waits for by handle holds nothing.")]
public sealed partial class IncidentExchange(FailureLog log, IActorDirectory actors, ILogger<IncidentExchange> logger)
{
    private readonly SemaphoreSlim _turn = new(1);
    private bool _isBroken;

    /// <summary>Exchanges once. It does not fail: what could not be told is told the next time.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether the owner answered.</returns>
    public async ValueTask<bool> ExchangeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _turn.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }

        try
        {
            var owner = actors.Incidents();
            for (var report = log.NextReport(); report is not null; report = log.NextReport())
                log.Learn(report, await owner.ReportAsync(report, cancellationToken).AsTask().WaitAsync(cancellationToken));
            log.Learn(null, await owner.ListAsync(cancellationToken).AsTask().WaitAsync(cancellationToken));
            _isBroken = false;
            return true;
        }
        catch (Exception fault)
        {
            // One line for an outage: the storage that failed may be what the owner is kept in.
            if (!_isBroken && fault is not OperationCanceledException)
                LogBroken(log.Known.Items.Count(incident => incident.Open), fault);
            _isBroken |= fault is not OperationCanceledException;
            return false;
        }
        finally
        {
            _turn.Release();
        }
    }

    [LoggerMessage(421, LogLevel.Warning, "The owner of incidents cannot be told; {Open} are known here and shown by this process alone until it can")]
    private partial void LogBroken(int open, Exception fault);
}
