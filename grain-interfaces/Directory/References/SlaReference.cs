using OrleansChat.Core.Health.Sla;
using OrleansChat.GrainInterfaces.Health;

namespace OrleansChat.GrainInterfaces.Directory.References;

/// <summary>Calls <see cref="ISlaGrain"/>.</summary>
internal sealed class SlaReference(ISlaGrain grain, CallRepetition calls) : ISlaActor
{
    public ValueTask<SlaWindows> ReportAsync(SlaReport report, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, report, token) => target.ReportAsync(report, token), report, cancellationToken);

    public ValueTask<SlaWindows> ReadAsync(CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, _, token) => target.ReadAsync(token), true, cancellationToken);
}
