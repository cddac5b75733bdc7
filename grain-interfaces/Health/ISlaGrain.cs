using OrleansChat.Core.Health.Sla;

namespace OrleansChat.GrainInterfaces.Health;

/// <summary>The history of health of all processes, on the cluster.</summary>
[Alias("orleanschat.sla")]
public interface ISlaGrain : ISlaActor, IGrainWithStringKey
{
    /// <inheritdoc cref="ISlaActor.ReportAsync"/>
    [Alias("report")]
    new ValueTask<SlaWindows> ReportAsync(SlaReport report, CancellationToken cancellationToken);

    /// <inheritdoc cref="ISlaActor.ReadAsync"/>
    [Alias("read")]
    new ValueTask<SlaWindows> ReadAsync(CancellationToken cancellationToken);
}
