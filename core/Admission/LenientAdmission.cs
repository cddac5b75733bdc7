using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Health;
using OrleansChat.Core.Keys;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Admission;

/// <summary>
/// Decides by the settings what happens while limits and budgets cannot be counted, and says so. It is asked anew with each request, so the first that can be
/// counted ends it.
/// </summary>
/// <param name="inner">Counts.</param>
/// <param name="catalog">The models, for their prices.</param>
/// <param name="settings">The settings.</param>
/// <param name="fallbacks">Told of what is in use.</param>
/// <param name="logger">The log.</param>
public sealed partial class LenientAdmission(
    IAdmission inner, IModelCatalog catalog, IOptionsMonitor<OrleansChatOptions> settings, Fallbacks fallbacks, ILogger<LenientAdmission> logger) : IAdmission
{
    private static readonly RateLimitStatus Unknown = new();

    /// <inheritdoc/>
    public bool HearsAtOnce => inner.HearsAtOnce;

    /// <inheritdoc/>
    public async ValueTask<AdmissionDecision> AdmitAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        try
        {
            var decision = await inner.AdmitAsync(request, cancellationToken);
            fallbacks.Leave(Fallbacks.UsageStoreDenied);
            fallbacks.Leave(Fallbacks.UsageStoreAllowed);
            return decision;
        }
        catch (OrleansChatException fault) when (IsLost(fault))
        {
            if (settings.CurrentValue.Admission.WithoutStore is UncountedUse.Deny)
            {
                fallbacks.Enter(Fallbacks.UsageStoreDenied, fault.GetType().Name);
                fault.Fallback = Fallbacks.UsageStoreDenied;
                throw;
            }

            fallbacks.Enter(Fallbacks.UsageStoreAllowed, fault.GetType().Name);
            LogUncounted(request.OperationId, request.Key.Id, fault.Problem.Detail);
            var model = request.Target is { } target ? catalog.OfTarget(target) : catalog.FindFor(request.Model, request.Key);
            return new AdmissionDecision { Grant = new AdmissionGrant(request, 0) { Price = model.Price, IsUncounted = true }, KeyStatus = Unknown };
        }
    }

    /// <inheritdoc/>
    public ValueTask<long> SettleAsync(AdmissionGrant grant, TokenUsage usage, UpstreamTarget target, CancellationToken cancellationToken) =>
        inner.SettleAsync(grant, usage, target, cancellationToken);

    /// <inheritdoc/>
    public ValueTask ChargeLostAsync(AdmissionGrant lost, DateTimeOffset since, CancellationToken cancellationToken) =>
        inner.ChargeLostAsync(lost, since, cancellationToken);

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(AdmissionGrant grant, CancellationToken cancellationToken) => inner.ReleaseAsync(grant, cancellationToken);

    /// <inheritdoc/>
    public ValueTask RenewAsync(AdmissionGrant grant, CancellationToken cancellationToken) => inner.RenewAsync(grant, cancellationToken);

    // A refusal is a decision and no fault, so what is unavailable here is the store, or the cluster before it.
    private static bool IsLost(OrleansChatException fault) =>
        fault is not HostStoppingException and not RequestException and not UpstreamException && fault.Problem.Code == ProblemCode.UpstreamUnavailable.Name;

    [LoggerMessage(440, LogLevel.Warning, "Operation {Operation} of key {Key} is let through uncounted: {Cause}")]
    private partial void LogUncounted(string operation, string key, string cause);
}
