using System.Globalization;
using OrleansChat.Cluster.Bench.Hosting;

namespace OrleansChat.Cluster.Bench.Processes;

/// <summary>Redis and silos, each a process of its own.</summary>
internal sealed class BenchCluster : IAsyncDisposable
{
    private readonly BenchRedis _redis;
    private readonly List<ChildProcess> _silos = [];

    private BenchCluster(BenchRedis redis) => _redis = redis;

    /// <summary>Redis' address.</summary>
    public string Redis => _redis.Address;

    /// <summary>Redis' process.</summary>
    public ChildProcess RedisProcess => _redis.Process;

    /// <summary>The silos, in the order of their start.</summary>
    public IReadOnlyList<ChildProcess> Silos => _silos;

    /// <summary>Processor time of all silos.</summary>
    public TimeSpan SiloTime => _silos.Aggregate(TimeSpan.Zero, static (sum, silo) => sum + silo.ProcessorTime);

    /// <summary>Starts Redis and silos.</summary>
    public static async Task<BenchCluster> StartAsync(int silos)
    {
        var cluster = new BenchCluster(BenchRedis.Start());
        try
        {
            for (var silo = 0; silo < silos; silo++)
                await cluster.AddSiloAsync();
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }

        return cluster;
    }

    /// <summary>Starts one more silo and waits until it is a member.</summary>
    public async Task AddSiloAsync()
    {
        var silo = ChildProcess.StartSelf(
            BenchSilo.Verb, "--redis", Redis,
            "--silo-port", BenchRedis.FreePort().ToString(CultureInfo.InvariantCulture),
            "--gateway-port", BenchRedis.FreePort().ToString(CultureInfo.InvariantCulture));
        await silo.WaitAsync(BenchSilo.Ready);
        silo.Ignore();
        _silos.Add(silo);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in _silos)
            await silo.DisposeAsync();

        await _redis.DisposeAsync();
    }
}
