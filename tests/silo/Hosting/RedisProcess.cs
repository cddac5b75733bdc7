using System.Diagnostics;
using System.Globalization;
using OrleansChat.Testing;

namespace OrleansChat.Silo.Tests.Hosting;

/// <summary>A real Redis on a free port, which keeps nothing.</summary>
internal sealed class RedisProcess : IAsyncDisposable
{
    /// <summary>The name of the program.</summary>
    public const string Program = "redis-server";

    private readonly Process _process;

    private RedisProcess(Process process, string address)
    {
        _process = process;
        Address = address;
    }

    /// <summary>Where it listens; silos wait until it does.</summary>
    public string Address { get; }

    /// <summary>Starts it.</summary>
    public static RedisProcess Start()
    {
        var port = FreePorts.Next().ToString(CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo(Program, ["--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--logfile", "/dev/null"]);
        return new RedisProcess(Process.Start(start)!, $"127.0.0.1:{port}");
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
