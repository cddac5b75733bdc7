using System.Diagnostics;
using System.Text;
using OrleansChat.Testing.Running;

namespace OrleansChat.Standalone.Tests.Executable;

/// <summary>The executable as a user runs it: a child process that listens on a free port.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const string Listening = "OrleansChat is listening on ";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly SemaphoreSlim _written = new(0);
    private readonly TaskCompletionSource<Uri?> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServerProcess(string workingDirectory, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment)
    {
        var start = new ProcessStartInfo(DotnetHost())
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "OrleansChat.Standalone.dll"));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);

        // What the machine of the test has in its environment or home must not be what is tested.
        start.Environment["HOME"] = workingDirectory;
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;

        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => OnOutput(line.Data);
        _process.ErrorDataReceived += (_, line) => Append(_errors, line.Data);
        _process.Exited += (_, _) => _address.TrySetResult(null);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>A client of the server; null when it did not start.</summary>
    public HttpClient Http { get; private set; } = new();

    /// <summary>What the process has written to standard output so far.</summary>
    public string Output => Read(_output);

    /// <summary>What the process has written to standard error so far.</summary>
    public string Errors => Read(_errors);

    /// <summary>Starts a server on a free port and waits until it listens.</summary>
    public static async Task<ServerProcess> StartAsync(
        string workingDirectory, IEnumerable<string>? arguments = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        // A machine that is busy with other tests is late all the time, and nobody is turned away for it.
        var server = new ServerProcess(
            workingDirectory,
            ["--OrleansChat:Urls=http://127.0.0.1:0", "--OrleansChat:Gateway:MaxLag=00:00:00", "--OrleansChat:Gateway:MaxSlowdown=0", .. arguments ?? []],
            environment);
        var address = await server._address.Task.WaitAsync(Patience);
        if (address is null)
        {
            await server.ExitAsync();
            throw new InvalidOperationException($"The server did not start: {server.Errors}");
        }

        server.Http.Dispose();
        server.Http = new HttpClient { BaseAddress = address, Timeout = Patience };
        return server;
    }

    /// <summary>Runs a command to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string workingDirectory, params string[] arguments)
    {
        await using var process = new ServerProcess(workingDirectory, arguments, null);
        var exitCode = await process.ExitAsync();
        return (exitCode, process.Output, process.Errors);
    }

    /// <summary>Waits until standard output holds a text.</summary>
    public async Task WaitForOutputAsync(string text)
    {
        while (!Output.Contains(text, StringComparison.Ordinal))
            Assert.True(await _written.WaitAsync(Patience), $"The server never wrote '{text}'.");
    }

    /// <summary>Presses Ctrl-C.</summary>
    public void PressCtrlC() => Signals.PressCtrlC(_process);

    /// <summary>Waits for the process to end.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    /// <summary>Presses Ctrl-C and waits for the end.</summary>
    public async Task<int> StopAsync()
    {
        PressCtrlC();
        return await ExitAsync();
    }

    /// <summary>Ends the process at once: it gets no chance to do anything.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await ExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();

        // Where it has ended by itself, its last lines may still be on their way here.
        await ExitAsync();
        Http.Dispose();
        _process.Dispose();
        _written.Dispose();
    }

    private void OnOutput(string? line)
    {
        Append(_output, line);
        _written.Release();
        if (line?.StartsWith(Listening, StringComparison.Ordinal) == true)
            _address.TrySetResult(new Uri(line[Listening.Length..].Split(',')[0]));
    }

    private static void Append(StringBuilder text, string? line)
    {
        lock (text)
            text.AppendLine(line);
    }

    private static string Read(StringBuilder text)
    {
        lock (text)
            return text.ToString();
    }

    private static string DotnetHost() =>
        Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path : "dotnet";
}
