using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OrleansChat.Cluster.Bench.Processes;

/// <summary>A Redis that appends to a file, in a process of its own.</summary>
internal sealed class BenchRedis : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;

    private BenchRedis(DirectoryInfo folder, ChildProcess process, int port)
    {
        _folder = folder;
        Process = process;
        Address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
    }

    /// <summary>Its address.</summary>
    public string Address { get; }

    /// <summary>Its process.</summary>
    public ChildProcess Process { get; }

    /// <summary>Starts one with nothing in it. Whoever connects waits until it listens.</summary>
    public static BenchRedis Start()
    {
        var folder = Directory.CreateTempSubdirectory("orleanschat-redis-");
        var port = FreePort();
        var process = ChildProcess.Start(
            "redis-server",
            "--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "",
            "--appendonly", "yes", "--appendfsync", "everysec", "--dir", folder.FullName);
        process.Ignore();
        return new BenchRedis(folder, process, port);
    }

    /// <summary>A port that nobody listens on.</summary>
    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
