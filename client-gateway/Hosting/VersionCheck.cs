using OrleansChat.GrainInterfaces.Clustering;
using StackExchange.Redis;

namespace OrleansChat.ClientGateway.Hosting;

/// <summary>Refuses to serve a cluster of another version: as soon as Redis answers, the gateway stops and says why.</summary>
internal sealed class VersionCheck(ClusterRegister register, IHostApplicationLifetime lifetime, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>What does not fit; null as long as nothing is known of it.</summary>
    public ClusterMismatchException? Mismatch { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var isKnown = false; !isKnown;)
        {
            try
            {
                await register.CheckAsync();
                isKnown = true;
            }
            catch (RedisException)
            {
                await Task.Delay(Pause, time, stoppingToken);
            }
            catch (ClusterMismatchException mismatch)
            {
                Mismatch = mismatch;
                lifetime.StopApplication();
                isKnown = true;
            }
        }
    }
}
