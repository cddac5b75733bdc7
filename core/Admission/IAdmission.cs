using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Admission;

/// <summary>
/// Passes one request through all its scopes' limits and budgets, all or nothing. Used by turns and by stateless calls alike.
/// </summary>
public interface IAdmission
{
    /// <summary>Asks every scope of the request.</summary>
    /// <param name="request">Who asks for what.</param>
    /// <param name="cancellationToken">Ends the wait; what was granted so far is taken back.</param>
    /// <returns>A grant, or the refusal of the first scope that said no.</returns>
    ValueTask<AdmissionDecision> AdmitAsync(AdmissionRequest request, CancellationToken cancellationToken);

    /// <summary>Books what one upstream call of an admitted operation used, and ends its leases. A repeat changes nothing.</summary>
    /// <param name="grant">The grant.</param>
    /// <param name="usage">The tokens that were used.</param>
    /// <param name="target">The upstream that was asked.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The cost in nano-dollars.</returns>
    ValueTask<long> SettleAsync(AdmissionGrant grant, TokenUsage usage, UpstreamTarget target, CancellationToken cancellationToken);

    /// <summary>
    /// Whether a settlement has been heard by all scopes when <see cref="SettleAsync"/> returns its task: what the caller asks next finds it booked, and only its
    /// entries' way to the disk is still to come.
    /// </summary>
    bool HearsAtOnce => false;

    /// <summary>
    /// Charges a call at its estimate whose caller died, so that nobody will settle it. One that was settled, taken back or charged changes
    /// nothing, and a settlement that comes after all corrects it.
    /// </summary>
    /// <param name="lost">What is known of its grant.</param>
    /// <param name="since">When it was granted.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task.</returns>
    ValueTask ChargeLostAsync(AdmissionGrant lost, DateTimeOffset since, CancellationToken cancellationToken);

    /// <summary>Takes a grant back: no upstream was reached and nothing was used. The request itself still counts in its windows.</summary>
    /// <param name="grant">The grant.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task.</returns>
    ValueTask ReleaseAsync(AdmissionGrant grant, CancellationToken cancellationToken);

    /// <summary>Extends the leases of a grant while its request is still running.</summary>
    /// <param name="grant">The grant.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task.</returns>
    ValueTask RenewAsync(AdmissionGrant grant, CancellationToken cancellationToken);
}
