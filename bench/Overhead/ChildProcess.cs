using System.Diagnostics;

namespace OrleansChat.Bench.Overhead;

/// <summary>A server in a process of its own, so that nothing is shared but the machine.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private const string Listening = "listening on ";

    private readonly Process _process;
    private readonly DirectoryInfo _folder;

    private ChildProcess(Process process, DirectoryInfo folder, string address)
    {
        _process = process;
        _folder = folder;
        Address = address;
    }

    /// <summary>Where it listens, without a slash at the end.</summary>
    public string Address { get; }

    /// <summary>The processor time that it has used.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Memory of the process that is in RAM.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Open files and sockets of the process.</summary>
    public int Handles
    {
        get
        {
            _process.Refresh();
            return OperatingSystem.IsLinux() ? Directory.GetFileSystemEntries($"/proc/{_process.Id}/fd").Length : _process.HandleCount;
        }
    }

    /// <summary>Bytes of the files in the folder that it was started in.</summary>
    public long FolderBytes => _folder.EnumerateFiles("*", SearchOption.AllDirectories).Sum(static file => file.Length);

    /// <summary>Starts a part of this program.</summary>
    public static Task<ChildProcess> StartBenchAsync(params string[] arguments) => StartAsync("OrleansChat.Bench.dll", arguments);

    /// <summary>Starts the product's executable.</summary>
    /// <param name="settings">Its settings, less their common prefix.</param>
    /// <param name="processors">The processors that it may use, as <c>taskset</c> lists them; null for all.</param>
    public static Task<ChildProcess> StartServerAsync(IEnumerable<string> settings, string? processors = null) =>
        StartAsync(
            "OrleansChat.Standalone.dll",
            ["--OrleansChat:Urls=http://127.0.0.1:0", .. settings.Select(setting => $"--OrleansChat:{setting}")],
            processors);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static async Task<ChildProcess> StartAsync(string assembly, IEnumerable<string> arguments, string? processors = null)
    {
        var folder = Directory.CreateTempSubdirectory("orleanschat-bench-");
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, WorkingDirectory = folder.FullName };
        if (processors is not null)
        {
            // It becomes the server, under the same process id.
            start.FileName = "taskset";
            start.ArgumentList.Add("--cpu-list");
            start.ArgumentList.Add(processors);
            start.ArgumentList.Add("dotnet");
        }

        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, assembly));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);

        var process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var at)
                return new ChildProcess(process, folder, line[(at + Listening.Length)..].Trim().TrimEnd('/'));
        }

        await process.WaitForExitAsync();
        throw new InvalidOperationException($"{assembly} ended with {process.ExitCode} before it listened.");
    }
}
