using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Configuration;
using OrleansChat.Core.Actors;
using OrleansChat.GrainInterfaces.Directory.Feeds;
using OrleansChat.GrainInterfaces.Wire;

namespace OrleansChat.GrainInterfaces.Directory;

/// <summary>Sets a client of the cluster up.</summary>
public static class ClusterClients
{
    /// <summary>
    /// How long a call waits for its answer before it is repeated, in silos and clients. A call in flight to a dead silo waits that long, so
    /// it is short; nothing in the product holds a call longer on purpose.
    /// </summary>
    public static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(3);

    /// <summary>How often a client looks for silos: a hung one is left after that at the latest.</summary>
    private static readonly TimeSpan GatewayListRefresh = TimeSpan.FromSeconds(1);

    /// <summary>Adds the actor directory, the wire format and the times of a cluster's client.</summary>
    /// <param name="client">The client.</param>
    /// <returns>The same client.</returns>
    public static IClientBuilder AddOrleansChatClient(this IClientBuilder client)
    {
        client.Services.TryAddSingleton(TimeProvider.System);
        client.Services.AddOrleansChatWire();
        client.Services.TryAddSingleton<ConnectionLoss>();
        client.Services.AddSingleton<IClusterConnectionStatusObserver>(static services => services.GetRequiredService<ConnectionLoss>());
        client.Services.TryAddSingleton<TurnFeed>();
        client.Services.TryAddSingleton<IActorDirectory, GrainDirectory>();
        client.Configure<ClientMessagingOptions>(messaging =>
        {
            messaging.ResponseTimeout = ResponseTimeout;
            messaging.CancelRequestOnTimeout = true;

            // Who gives a call up may then rely on it: what was waited for was not taken.
            messaging.WaitForCancellationAcknowledgement = true;
        });
        client.Configure<GatewayOptions>(gateways => gateways.GatewayListRefreshPeriod = GatewayListRefresh);
        return client;
    }
}
