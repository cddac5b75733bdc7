using OrleansChat.Core.Health;

namespace OrleansChat.Core.Sessions;

/// <summary>Counts of sessions in <c>/health</c>: <c>live</c>, <c>expired</c> and <c>removed</c>, as <see cref="SessionCounts"/> explains them.</summary>
/// <param name="counts">The counts.</param>
public sealed class SessionHealth(SessionCounts counts) : IHealthComponent
{
    /// <inheritdoc/>
    public string Name => "sessions";

    /// <inheritdoc/>
    public bool IsCritical => false;

    /// <inheritdoc/>
    public ValueTask<HealthFinding> CheckAsync(CancellationToken cancellationToken) => ValueTask.FromResult(HealthFinding.Healthy with
    {
        Counts = new Dictionary<string, long> { ["live"] = counts.Live, ["expired"] = counts.Expired, ["removed"] = counts.Removed },
    });
}
