using System.Net;
using Orleans.Clustering.Redis;
using Orleans.Configuration;
using Orleans.Dashboard;
using Orleans.Storage;
using OrleansChat.Core.Settings;
using OrleansChat.GrainInterfaces.Clustering;
using OrleansChat.Grains.Hosting;
using OrleansChat.Grains.State;

namespace OrleansChat.Silo.Clustering;

/// <summary>Sets a silo up.</summary>
internal static class SiloCluster
{
    /// <summary>The name of the store in Redis.</summary>
    public const string RedisStore = "redis";

    /// <summary>Adds grains, membership, storage, reminders and the dashboard's data.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="options">The settings, checked.</param>
    /// <param name="isLocal">Whether it runs alone, with its states in memory.</param>
    public static void AddOrleansChatSilo(this ISiloBuilder silo, OrleansChatOptions options, bool isLocal)
    {
        silo.AddOrleansChatGrains().UseClusterTimes(options.Gateway.DrainTimeout).AddActivityPropagation();
        silo.UseSystemTextJsonGrainStorageSerializer();
        silo.AddDashboard();
        if (isLocal)
            silo.UseMemory(options.Cluster);
        else
            silo.UseRedis(options.Cluster);
    }

    /// <summary>Adds the store in Redis as <see cref="RedisStore"/>; it needs a <see cref="RedisConnection"/>.</summary>
    /// <param name="silo">The silo.</param>
    public static void AddRedisStore(this ISiloBuilder silo) =>
        silo.AddRedisGrainStorage(RedisStore, static storage => storage.Configure<RedisConnection, IServiceProvider>(static (options, redis, services) =>
        {
            options.ConfigurationOptions = redis.Configuration;
            options.CreateMultiplexer = async _ => (await redis.ConnectAsync(), true);
            options.GrainStorageSerializer = ActivatorUtilities.CreateInstance<SystemTextJsonGrainStorageSerializer>(services);
            options.DeleteStateOnClear = true;
        }));

    private static void UseMemory(this ISiloBuilder silo, Core.Settings.ClusterOptions cluster)
    {
        silo.UseLocalhostClustering(cluster.SiloPort, cluster.GatewayPort, serviceId: cluster.ServiceId, clusterId: cluster.ClusterId);
        silo.AddMemoryGrainStorage(StateStores.Actors);
        silo.UseInMemoryReminderService();
    }

    private static void UseRedis(this ISiloBuilder silo, Core.Settings.ClusterOptions cluster)
    {
        silo.Configure<Orleans.Configuration.ClusterOptions>(options => ClusterMembers.Name(options, cluster));
        silo.ConfigureEndpoints(cluster);
        silo.Services.AddSingleton<RedisConnection>();
        silo.Services.AddSingleton<ClusterRegister>();
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, RegisterEntry>();

        silo.UseRedisClustering(static _ => { });
        silo.Services.AddOptions<RedisClusteringOptions>().Configure<RedisConnection>(ClusterMembers.Share);

        silo.Services.AddKeyedSingleton<IGrainStorage>(
            StateStores.Actors, static (services, _) => new TranslatingStorage(services.GetRequiredKeyedService<IGrainStorage>(RedisStore)));
        silo.AddRedisStore();

        silo.UseRedisReminderService(static _ => { });
        silo.Services.AddOptions<RedisReminderTableOptions>().Configure<RedisConnection>(static (options, redis) =>
        {
            options.ConfigurationOptions = redis.Configuration;
            options.CreateMultiplexer = async _ => (await redis.ConnectAsync(), true);
        });
    }

    private static void ConfigureEndpoints(this ISiloBuilder silo, Core.Settings.ClusterOptions cluster)
    {
        if (cluster.AdvertisedAddress is null)
        {
            silo.ConfigureEndpoints(cluster.SiloPort, cluster.GatewayPort, listenOnAnyHostAddress: true);
            return;
        }

        var address = IPAddress.Parse(cluster.AdvertisedAddress);
        silo.ConfigureEndpoints(address, cluster.SiloPort, cluster.GatewayPort, listenOnAnyHostAddress: !IPAddress.IsLoopback(address));
    }
}
