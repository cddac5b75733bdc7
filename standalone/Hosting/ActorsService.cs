using OrleansChat.Core.Sessions;
using OrleansChat.Standalone.Actors;

namespace OrleansChat.Standalone.Hosting;

/// <summary>Takes up the turns that the last run left open, and ends the actors when the process stops.</summary>
internal sealed class ActorsService(LocalActorDirectory actors, OpenTurnRecovery recovery) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => recovery.RunAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => actors.StopAsync(cancellationToken);
}
