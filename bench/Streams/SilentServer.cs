using System.Diagnostics;
using System.Globalization;

namespace OrleansChat.Bench.Streams;

/// <summary>The executable as a child process, with an upstream that may be silent for an hour.</summary>
internal sealed class SilentServer : IAsyncDisposable
{
    private const string Listening = "listening on ";

    private readonly Process _process;
    private readonly DirectoryInfo _folder;

    private SilentServer(Process process, DirectoryInfo folder, string address)
    {
        _process = process;
        _folder = folder;
        Http = new HttpClient { BaseAddress = new Uri(address) };
    }

    public HttpClient Http { get; }

    /// <summary>Memory of the process that is in RAM.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public static async Task<SilentServer> StartAsync(string upstream)
    {
        var folder = Directory.CreateTempSubdirectory("orleanschat-streams-");
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            WorkingDirectory = folder.FullName,
        };
        string[] settings =
        [
            "Urls=http://127.0.0.1:0", $"DataDirectory={folder.FullName}", "Logging:Level=Warning",
            "Upstreams:0:Id=silent", $"Upstreams:0:BaseUrl={upstream}", "Upstreams:0:Timeout=01:00:00", "Upstreams:0:FirstTokenTimeout=01:00:00",
            "Models:0:Id=default", "Models:0:Route=silent/any",
        ];
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "OrleansChat.Standalone.dll"));
        foreach (var setting in settings)
            start.ArgumentList.Add($"--OrleansChat:{setting}");

        var process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var at)
                return new SilentServer(process, folder, line[(at + Listening.Length)..].Trim());
        }

        throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"The server ended with {process.ExitCode}."));
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }
}
