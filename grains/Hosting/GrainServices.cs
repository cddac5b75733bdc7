using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Configuration;
using OrleansChat.Core.Actors;
using OrleansChat.GrainInterfaces.Directory;
using OrleansChat.GrainInterfaces.Wire;
using OrleansChat.Grains.Health;
using OrleansChat.Grains.Hosting.Faults;
using OrleansChat.Grains.Sessions;
using OrleansChat.Grains.Sessions.Draining;
using OrleansChat.Grains.Sessions.Feeds;
using OrleansChat.Grains.Sessions.Recovery;

namespace OrleansChat.Grains.Hosting;

/// <summary>Registers what the grains need of their silo.</summary>
public static class GrainServices
{
    /// <summary>
    /// Adds the actor directory, the wire format and the recovery of open turns. The silo supplies the domain's services and a store named
    /// <see cref="State.StateStores.Actors"/>.
    /// </summary>
    /// <param name="silo">The silo.</param>
    /// <returns>The same silo.</returns>
    public static ISiloBuilder AddOrleansChatGrains(this ISiloBuilder silo)
    {
        var services = silo.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddOrleansChatWire();
        services.TryAddSingleton<ConnectionLoss>();
        services.TryAddSingleton<IActorDirectory, GrainDirectory>();
        services.AddSingleton(static provider => new TurnBatching(provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(static provider => new SiloFeeds(
            provider.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToParsableString(), provider.GetRequiredService<TimeProvider>()));
        silo.AddIncomingGrainCallFilter<FaultFilter>();
        silo.UseSurvivingDirectory();
        services.AddSingleton<SiloDeathWatch>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<SiloDeathWatch>());
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, TurnDrain>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, LostSilos>();
        return silo;
    }

    /// <summary>
    /// With the directory that Orleans takes by itself, a silo that stops or dies ends activations of healthy silos too: those whose entries it kept.
    /// Their turns would begin again. This one hands its entries over, and reads them from the living after a death.
    /// </summary>
    private static void UseSurvivingDirectory(this ISiloBuilder silo)
    {
#pragma warning disable ORLEANSEXP003 // Marked as experimental for its interface, which is this one call.
        silo.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003

        // A dead silo's actors come up elsewhere at once. Should it live after all, its writes are refused by version.
        silo.Configure<GrainDirectoryOptions>(static directory => directory.RangeLeaseDuration = TimeSpan.Zero);
    }
}
