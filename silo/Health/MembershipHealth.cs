using OrleansChat.Core.Health;

namespace OrleansChat.Silo.Health;

/// <summary>Whether this silo is a member of the cluster.</summary>
internal sealed class MembershipHealth(ISiloStatusOracle silos) : IHealthComponent
{
    public string Name => "membership";

    public bool IsCritical => true;

    public ValueTask<HealthFinding> CheckAsync(CancellationToken cancellationToken)
    {
        var status = silos.CurrentStatus;
        var active = silos.GetApproximateSiloStatuses(onlyActive: true).Count;
        return ValueTask.FromResult(status is SiloStatus.Active
            ? new HealthFinding(HealthStatus.Healthy, $"{active} active silos.")
            : new HealthFinding(HealthStatus.Unhealthy, $"This silo is {status}."));
    }
}
