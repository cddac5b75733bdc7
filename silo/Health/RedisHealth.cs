using OrleansChat.Core.Health;
using OrleansChat.GrainInterfaces.Clustering;

namespace OrleansChat.Silo.Health;

/// <summary>Whether Redis answers. Not critical: what needs no write goes on without it, and another silo could do no better.</summary>
internal sealed class RedisHealth(IServiceProvider services) : IHealthComponent
{
    public string Name => "redis";

    public bool IsCritical => false;

    public async ValueTask<HealthFinding> CheckAsync(CancellationToken cancellationToken)
    {
        if (services.GetService<RedisConnection>() is not { } redis)
            return new HealthFinding(HealthStatus.Healthy, "Not used: this silo runs alone.");
        if (redis.Current is not { } connection)
            return new HealthFinding(HealthStatus.Unhealthy, $"Redis at {redis.Address} has not answered yet.");

        await connection.GetDatabase().PingAsync().WaitAsync(cancellationToken);
        return HealthFinding.Healthy;
    }
}
