using System.Diagnostics;
using System.Globalization;
using System.Net;
using OrleansChat.Testing;
using OrleansChat.Testing.Running;

namespace OrleansChat.Silo.Tests.Hosting;

/// <summary>The executable as a process of its own, in an empty folder, on free ports.</summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly DirectoryInfo _folder;
    private readonly int _port;

    private SiloProcess(Process process, DirectoryInfo folder, int port)
    {
        _process = process;
        _folder = folder;
        _port = port;
        Http = new HttpClient { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")) };
    }

    /// <summary>Asks the silo's own routes.</summary>
    public HttpClient Http { get; }

    /// <summary>The port of those routes.</summary>
    public int Port => _port;

    /// <summary>Starts a silo.</summary>
    public static SiloProcess Start(params IEnumerable<string> arguments)
    {
        var port = FreePorts.Next();
        var folder = Directory.CreateTempSubdirectory("orleanschat-silo-");
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardError = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = folder.FullName,
        };
        string[] ports =
        [
            $"--OrleansChat:Cluster:SiloUrls=http://127.0.0.1:{port}",
            $"--OrleansChat:Cluster:SiloPort={FreePorts.Next()}",
            $"--OrleansChat:Cluster:GatewayPort={FreePorts.Next()}",
        ];
        foreach (var argument in ports.Concat(arguments).Prepend(Path.Combine(AppContext.BaseDirectory, "OrleansChat.Silo.dll")))
            start.ArgumentList.Add(argument);

        return new SiloProcess(Process.Start(start)!, folder, port);
    }

    /// <summary>Waits for the end of a start that fails; returns its exit code and what it said.</summary>
    public async Task<(int ExitCode, string Said)> EndAsync()
    {
        var said = await _process.StandardError.ReadToEndAsync().WaitAsync(Patience);
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return (_process.ExitCode, said);
    }

    /// <summary>Waits for a line of the log.</summary>
    public async Task<string> WaitForLineAsync(string part)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (await _process.StandardError.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.Contains(part, StringComparison.Ordinal))
                return line;
        }

        throw new InvalidOperationException($"The silo ended with {_process.ExitCode} and did not say '{part}'.");
    }

    /// <summary>Asks until the answer has a status.</summary>
    public async Task WaitForAsync(string path, HttpStatusCode status)
    {
        var began = TimeProvider.System.GetTimestamp();
        HttpStatusCode? seen;
        while ((seen = await StatusAsync(path)) != status)
        {
            if (TimeProvider.System.GetElapsedTime(began) > Patience)
                throw new TimeoutException($"{path} is {seen}, not {status}.");

            await Task.Yield();
        }
    }

    /// <summary>Presses Ctrl-C and waits for the end.</summary>
    public async Task StopAsync()
    {
        Signals.PressCtrlC(_process);
        await _process.WaitForExitAsync().WaitAsync(Patience);
    }

    /// <summary>Kills it, if it still runs.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
            _process.Kill();

        await _process.WaitForExitAsync().WaitAsync(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await KillAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task<HttpStatusCode?> StatusAsync(string path)
    {
        try
        {
            using var response = await Http.GetAsync(path);
            return response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
