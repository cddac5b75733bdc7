using OrleansChat.Core.Errors.Incidents;
using OrleansChat.GrainInterfaces.Errors;

namespace OrleansChat.GrainInterfaces.Directory.References;

/// <summary>Calls <see cref="IIncidentsGrain"/>.</summary>
internal sealed class IncidentsReference(IIncidentsGrain grain, CallRepetition calls) : IIncidentsActor
{
    public ValueTask<IncidentList> ReportAsync(FailureBatch batch, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, batch, token) => target.ReportAsync(batch, token), batch, cancellationToken);

    public ValueTask<IncidentList> ListAsync(CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, _, token) => target.ListAsync(token), true, cancellationToken);
}
