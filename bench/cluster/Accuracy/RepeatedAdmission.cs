using OrleansChat.Core.Admission;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Cluster.Bench.Accuracy;

/// <summary>Admission as its callers use it: what the cluster leaves unanswered, whose effect nobody knows, they repeat with the same operation id.</summary>
/// <param name="inner">Admission.</param>
internal sealed class RepeatedAdmission(IAdmission inner) : IAdmission
{
    private const int MostTries = 4;

    public bool HearsAtOnce => inner.HearsAtOnce;

    public ValueTask<AdmissionDecision> AdmitAsync(AdmissionRequest request, CancellationToken cancellationToken) =>
        RepeatAsync(() => inner.AdmitAsync(request, cancellationToken));

    public ValueTask<long> SettleAsync(AdmissionGrant grant, TokenUsage usage, UpstreamTarget target, CancellationToken cancellationToken) =>
        RepeatAsync(() => inner.SettleAsync(grant, usage, target, cancellationToken));

    public async ValueTask ChargeLostAsync(AdmissionGrant lost, DateTimeOffset since, CancellationToken cancellationToken) =>
        await RepeatAsync(() => inner.ChargeLostAsync(lost, since, cancellationToken));

    public async ValueTask ReleaseAsync(AdmissionGrant grant, CancellationToken cancellationToken) =>
        await RepeatAsync(() => inner.ReleaseAsync(grant, cancellationToken));

    public async ValueTask RenewAsync(AdmissionGrant grant, CancellationToken cancellationToken) =>
        await RepeatAsync(() => inner.RenewAsync(grant, cancellationToken));

    private static ValueTask<bool> RepeatAsync(Func<ValueTask> call) =>
        RepeatAsync(async () =>
        {
            await call();
            return true;
        });

    private static async ValueTask<T> RepeatAsync<T>(Func<ValueTask<T>> call)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await call();
            }
            catch (OrleansChatException fault) when (fault.Problem.Code == ProblemCode.UpstreamUnavailable.Name && tries < MostTries)
            {
                // Each try has waited for the cluster as long as a gateway does.
            }
        }
    }
}
