using OrleansChat.Core.Health;

namespace OrleansChat.Standalone.Hosting;

/// <summary>The journal as <c>/health</c> shows it.</summary>
internal sealed class JournalHealth(Journal.Journal journal) : IHealthComponent
{
    public string Name => "journal";

    public bool IsCritical => true;

    public ValueTask<HealthFinding> CheckAsync(CancellationToken cancellationToken) => ValueTask.FromResult(
        journal.Fault is { } fault ? new HealthFinding(HealthStatus.Unhealthy, fault.Message) : HealthFinding.Healthy);
}
