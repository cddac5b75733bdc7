using OrleansChat.Core.Health.Sla;

namespace OrleansChat.Standalone.Actors.References;

/// <summary>Calls <see cref="ISlaActor"/> in this process.</summary>
internal sealed class LocalSla(ActorReference<ISlaActor> actor) : ISlaActor
{
    private static readonly ActorMethod Report = ActorMethod.Of<ISlaActor>(nameof(ReportAsync));
    private static readonly ActorMethod Read = ActorMethod.Of<ISlaActor>(nameof(ReadAsync));

    public ValueTask<SlaWindows> ReportAsync(SlaReport report, CancellationToken cancellationToken) =>
        actor.CallAsync(Report, static (target, report, token) => target.ReportAsync(report, token), report, cancellationToken);

    public ValueTask<SlaWindows> ReadAsync(CancellationToken cancellationToken) =>
        actor.CallAsync(Read, static (target, _, token) => target.ReadAsync(token), true, cancellationToken);
}
