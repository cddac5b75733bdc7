using Microsoft.Extensions.Logging;
using OrleansChat.Core.Errors;
using OrleansChat.Core.RateLimiting;

namespace OrleansChat.Core.Admission;

/// <summary>Renews the leases of a grant on a timer until it is disposed, as while an answer streams.</summary>
public sealed partial class GrantLease : IAsyncDisposable
{
    private readonly IAdmission _admission;
    private readonly AdmissionGrant _grant;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly PeriodicTimer _timer;
    private readonly Task _renewing;

    private GrantLease(IAdmission admission, AdmissionGrant grant, TimeProvider time, ILogger logger)
    {
        _admission = admission;
        _grant = grant;
        _logger = logger;

        // Two renewals can be lost before the lease is.
        _timer = new PeriodicTimer(RateLimitRequest.DefaultLease / 3, time);
        _renewing = RenewAsync();
    }

    /// <summary>Begins to renew.</summary>
    /// <param name="admission">What admitted the request.</param>
    /// <param name="grant">The grant.</param>
    /// <param name="time">The source of time.</param>
    /// <param name="logger">The log.</param>
    /// <returns>What ends the renewals when it is disposed; the grant itself is settled or released by the caller.</returns>
    public static GrantLease Keep(IAdmission admission, AdmissionGrant grant, TimeProvider time, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(admission);
        ArgumentNullException.ThrowIfNull(grant);
        return new GrantLease(admission, grant, time, logger);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _timer.Dispose();
        await _renewing;
        _stopping.Dispose();
    }

    private async Task RenewAsync()
    {
        // Begins on the caller's context, and leaves it at once: a renewal is none of an actor's turns.
        while (await _timer.WaitForNextTickAsync().ConfigureAwait(false))
        {
            try
            {
                await _admission.RenewAsync(_grant, _stopping.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (OrleansChatException failure)
            {
                LogFailed(_grant.Request.OperationId, failure);
            }
        }
    }

    [LoggerMessage(210, LogLevel.Warning, "The leases of operation {OperationId} could not be renewed; tried again at the next third")]
    private partial void LogFailed(string operationId, Exception failure);
}
