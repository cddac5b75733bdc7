using OrleansChat.Core.Admission;
using OrleansChat.Core.RateLimiting;

namespace OrleansChat.Core.Turns.Streaming;

/// <summary>Renews the leases of an attempt while it streams, and gives the session a sign of life.</summary>
public sealed class LeaseRenewal : IAsyncDisposable
{
    /// <summary>A third of the lease: two renewals may fail before it runs out.</summary>
    public static readonly TimeSpan Period = RateLimitRequest.DefaultLease / 3;

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _renewing;

    private LeaseRenewal(TurnAdmission admission, AdmissionGrant grant, ITurnEvents events, TimeProvider time) =>
        _renewing = RenewAsync(admission, grant, events, time, _stop.Token);

    /// <summary>Begins to renew.</summary>
    /// <param name="admission">Limits and budgets.</param>
    /// <param name="grant">The attempt's grant.</param>
    /// <param name="events">The session.</param>
    /// <param name="time">The clock.</param>
    /// <returns>What ends it.</returns>
    public static LeaseRenewal Start(TurnAdmission admission, AdmissionGrant grant, ITurnEvents events, TimeProvider time) =>
        new(admission, grant, events, time);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        _stop.Dispose();
    }

    private static async Task RenewAsync(
        TurnAdmission admission, AdmissionGrant grant, ITurnEvents events, TimeProvider time, CancellationToken cancellationToken)
    {
        events.KeepAlive();
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            events.KeepAlive();
            await admission.RenewAsync(grant, cancellationToken);
        }
    }
}
