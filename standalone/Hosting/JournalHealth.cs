using OrleansChat.Core.Health;
using OrleansChat.Standalone.Journal;

namespace OrleansChat.Standalone.Hosting;

/// <summary>The journal as <c>/health</c> shows it. While writes fail, it writes something of its own: nobody else may be let in who would show that there is room again.</summary>
internal sealed class JournalHealth(Journal.Journal journal) : IHealthComponent
{
    private const string Probe = "health-probe";

    public string Name => "journal";

    public bool IsCritical => true;

    public async ValueTask<HealthFinding> CheckAsync(CancellationToken cancellationToken)
    {
        if (journal.Fault is { } fault)
            return Unhealthy(fault);
        if (journal.Refusal is null)
            return HealthFinding.Healthy;
        try
        {
            await journal.PutAsync(Probe, ReadOnlyMemory<byte>.Empty, null, cancellationToken);
            await journal.DeleteAsync(Probe, null, cancellationToken);
            return HealthFinding.Healthy;
        }
        catch (JournalWriteException still)
        {
            return Unhealthy(still);
        }
    }

    private static HealthFinding Unhealthy(JournalWriteException fault) => new(HealthStatus.Unhealthy, fault.Message);
}
