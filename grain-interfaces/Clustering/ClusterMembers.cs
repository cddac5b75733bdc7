using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orleans.Clustering.Redis;
using Orleans.Configuration;

namespace OrleansChat.GrainInterfaces.Clustering;

/// <summary>How silos and their clients find each other.</summary>
public static class ClusterMembers
{
    /// <summary>Names the cluster and lets its client find silos through Redis.</summary>
    /// <param name="client">The client.</param>
    /// <param name="cluster">The cluster's settings.</param>
    /// <returns>The same client.</returns>
    public static IClientBuilder UseRedisMembers(this IClientBuilder client, Core.Settings.ClusterOptions cluster)
    {
        client.Services.TryAddSingleton<RedisConnection>();
        client.Services.AddOptions<RedisClusteringOptions>().Configure<RedisConnection>(Share);
        return client.Configure<ClusterOptions>(options => Name(options, cluster)).UseRedisClustering(static _ => { });
    }

    /// <summary>Names the cluster.</summary>
    /// <param name="options">Orleans' options.</param>
    /// <param name="cluster">The cluster's settings.</param>
    public static void Name(ClusterOptions options, Core.Settings.ClusterOptions cluster)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(cluster);
        options.ClusterId = cluster.ClusterId;
        options.ServiceId = cluster.ServiceId;
    }

    /// <summary>Uses the process's one connection.</summary>
    /// <param name="options">The options of the membership table.</param>
    /// <param name="redis">The connection.</param>
    public static void Share(RedisClusteringOptions options, RedisConnection redis)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(redis);
        options.ConfigurationOptions = redis.Configuration;
        options.CreateMultiplexer = async _ => (await redis.ConnectAsync(), true);
    }
}
