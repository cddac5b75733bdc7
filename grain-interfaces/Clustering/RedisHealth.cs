using Microsoft.Extensions.DependencyInjection;
using OrleansChat.Core.Health;

namespace OrleansChat.GrainInterfaces.Clustering;

/// <summary>
/// Whether Redis answers this process. Not critical: what needs no write goes on without it, and another process could do no better.
/// </summary>
/// <param name="services">Where the connection is; none where the cluster is one silo with its states in memory.</param>
public sealed class RedisHealth(IServiceProvider services) : IHealthComponent
{
    /// <inheritdoc/>
    public string Name => "redis";

    /// <inheritdoc/>
    public bool IsCritical => false;

    /// <inheritdoc/>
    public async ValueTask<HealthFinding> CheckAsync(CancellationToken cancellationToken)
    {
        if (services.GetService<RedisConnection>() is not { } redis)
            return new HealthFinding(HealthStatus.Healthy, "Not used: the silo runs alone.");
        if (redis.Current is not { } connection)
            return new HealthFinding(HealthStatus.Unhealthy, $"Redis at {redis.Address} has not answered yet.");

        await connection.GetDatabase().PingAsync().WaitAsync(cancellationToken);
        return HealthFinding.Healthy;
    }
}
