using Microsoft.Extensions.DependencyInjection.Extensions;
using OrleansChat.Core.Admission;
using OrleansChat.Core.Health;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Search;
using OrleansChat.Core.Search.Stores;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Telemetry;
using OrleansChat.Core.Turns;
using OrleansChat.GatewayApi.Hosting;
using OrleansChat.GatewayApi.Logging;
using OrleansChat.GatewayApi.Telemetry;
using OrleansChat.GrainInterfaces.Clustering;
using OrleansChat.GrainInterfaces.Directory;
using OrleansChat.Providers;
using OrleansChat.VectorQdrant;

namespace OrleansChat.ClientGateway.Hosting;

/// <summary>Registers the gateway over a cluster.</summary>
internal static class ClientGatewayServices
{
    /// <summary>Adds the domain's part that runs in gateways, the HTTP surface and the cluster's client.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="options">The settings, checked.</param>
    /// <param name="isLocal">Whether the cluster is one silo on this machine, without Redis.</param>
    public static void AddClientGateway(this WebApplicationBuilder builder, OrleansChatOptions options, bool isLocal)
    {
        var services = builder.Services;
        services.AddOrleansChatLogging(options.Logging);
        services.AddOrleansChatGateway(options);
        services.AddOrleansChatProviders();
        services.AddAdmission();
        services.AddModelRouting();
        services.AddTurns();
        services.AddSessions();
        services.AddSearch();
        if (isLocal)
            services.TryAddSingleton<IVectorStore, NoVectorStore>();
        else
            services.AddQdrantVectorStore();

        services.AddTelemetry();
        services.AddOrleansChatOtlp(options, "orleanschat-gateway");

        // The server listens at once and says that it is not ready, while the client waits for silos.
        services.Configure<HostOptions>(static host => host.ServicesStartConcurrently = true);
        services.AddSingleton<IHealthComponent, ClusterHealth>();
        services.AddSingleton<IClientConnectionRetryFilter, PatientConnection>();
        builder.UseOrleansClient(client =>
        {
            client.AddOrleansChatClient().AddActivityPropagation();
            if (isLocal)
                client.UseLocalhostClustering(options.Cluster.GatewayPort, options.Cluster.ServiceId, options.Cluster.ClusterId);
            else
                client.UseRedisMembers(options.Cluster);
        });
        if (isLocal)
            return;

        services.AddSingleton<IHealthComponent, RedisHealth>();
        services.AddSingleton<ClusterRegister>();
        services.AddSingleton<VersionCheck>();
        services.AddHostedService(static provider => provider.GetRequiredService<VersionCheck>());
    }
}
