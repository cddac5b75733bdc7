using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrleansChat.Core.Actors;
using OrleansChat.GrainInterfaces.Directory;
using OrleansChat.GrainInterfaces.Wire;
using OrleansChat.Grains.Sessions;
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
        services.TryAddSingleton<IActorDirectory, GrainDirectory>();
        services.AddSingleton(static provider => new TurnBatching(provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<SiloDeathWatch>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<SiloDeathWatch>());
        return silo;
    }
}
