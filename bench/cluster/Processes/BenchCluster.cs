using System.Globalization;
using System.Net;
using System.Net.Sockets;
using OrleansChat.Cluster.Bench.Hosting;

namespace OrleansChat.Cluster.Bench.Processes;

/// <summary>A Redis that appends to a file, and silos, each a process of its own.</summary>
internal sealed class BenchCluster : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly ChildProcess _redis;
    private readonly List<ChildProcess> _silos = [];

    private BenchCluster(DirectoryInfo folder, ChildProcess redis, int port)
    {
        _folder = folder;
        _redis = redis;
        Redis = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
    }

    /// <summary>Redis' address.</summary>
    public string Redis { get; }

    /// <summary>Redis' process.</summary>
    public ChildProcess RedisProcess => _redis;

    /// <summary>The silos, in the order of their start.</summary>
    public IReadOnlyList<ChildProcess> Silos => _silos;

    /// <summary>Processor time of all silos.</summary>
    public TimeSpan SiloTime => _silos.Aggregate(TimeSpan.Zero, static (sum, silo) => sum + silo.ProcessorTime);

    /// <summary>Starts Redis and silos.</summary>
    public static async Task<BenchCluster> StartAsync(int silos)
    {
        var folder = Directory.CreateTempSubdirectory("orleanschat-cluster-bench-");
        var port = FreePort();
        var redis = ChildProcess.Start(
            "redis-server",
            "--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "",
            "--appendonly", "yes", "--appendfsync", "everysec", "--dir", folder.FullName);
        redis.Ignore();
        var cluster = new BenchCluster(folder, redis, port);
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

    /// <summary>A port that nobody listens on.</summary>
    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    /// <summary>Starts one more silo and waits until it is a member.</summary>
    public async Task AddSiloAsync()
    {
        var silo = ChildProcess.StartSelf(
            BenchSilo.Verb, "--redis", Redis,
            "--silo-port", FreePort().ToString(CultureInfo.InvariantCulture),
            "--gateway-port", FreePort().ToString(CultureInfo.InvariantCulture));
        await silo.WaitAsync(BenchSilo.Ready);
        silo.Ignore();
        _silos.Add(silo);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in _silos)
            await silo.DisposeAsync();

        await _redis.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
