using OrleansChat.Core.Health;

namespace OrleansChat.Standalone.Search;

/// <summary>The vector store of one machine: it answers from memory, and changes go through the journal.</summary>
internal sealed class PassagesHealth(Journal.Journal journal) : IHealthComponent
{
    public string Name => "vectors";

    public bool IsCritical => false;

    public ValueTask<HealthFinding> CheckAsync(CancellationToken cancellationToken)
    {
        return ValueTask.FromResult(journal.Refusal is null
            ? HealthFinding.Healthy
            : new HealthFinding(HealthStatus.Degraded, "Searches answer; documents are not taken while the journal takes no writes."));
    }
}
