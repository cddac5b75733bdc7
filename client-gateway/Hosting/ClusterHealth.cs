using OrleansChat.Core.Health;

namespace OrleansChat.ClientGateway.Hosting;

/// <summary>Whether the cluster answers: asked of a silo, which counts those that it knows.</summary>
internal sealed class ClusterHealth(IGrainFactory grains) : IHealthComponent
{
    public string Name => "cluster";

    public bool IsCritical => true;

    public async ValueTask<HealthFinding> CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            var silos = await grains.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true).WaitAsync(cancellationToken);
            return silos.Count > 0 ? HealthFinding.Healthy : new HealthFinding(HealthStatus.Unhealthy, "The cluster has no active silo.");
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            return new HealthFinding(HealthStatus.Unhealthy, "No silo answers.");
        }
    }
}
