using OrleansChat.Core.CircuitBreaking;

namespace OrleansChat.Core.Health;

/// <summary>An upstream as its breaker knows it: a look costs no call, and no tokens.</summary>
/// <param name="upstream">The upstream's id.</param>
/// <param name="breakers">What is known of breakers.</param>
public sealed class UpstreamHealth(string upstream, BreakerWatch breakers) : IHealthComponent
{
    /// <inheritdoc/>
    public string Name => $"upstream:{upstream}";

    /// <inheritdoc/>
    public bool IsCritical => false;

    /// <inheritdoc/>
    public ValueTask<HealthFinding> CheckAsync(CancellationToken cancellationToken) => ValueTask.FromResult(breakers.Known(upstream) switch
    {
        { State: BreakerState.Open } open => new HealthFinding(HealthStatus.Unhealthy, $"The breaker is open: {open.Cause ?? "tripped"}"),
        { State: BreakerState.HalfOpen } => new HealthFinding(HealthStatus.Degraded, "The breaker lets one probe pass."),
        _ => HealthFinding.Healthy,
    });
}
