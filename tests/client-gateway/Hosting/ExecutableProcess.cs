using System.Diagnostics;

namespace OrleansChat.ClientGateway.Tests.Hosting;

/// <summary>An executable of the cluster as a user runs it: a child process in a folder of its own.</summary>
internal sealed class ExecutableProcess : IAsyncDisposable
{
    /// <summary>The gateway's executable.</summary>
    public const string Gateway = "OrleansChat.ClientGateway";

    /// <summary>The silo's executable.</summary>
    public const string Silo = "OrleansChat.Silo";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;

    private ExecutableProcess(Process process) => _process = process;

    /// <summary>Starts an executable.</summary>
    public static ExecutableProcess Start(string executable, string folder, IReadOnlyDictionary<string, string> variables, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = folder };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, $"{executable}.dll"));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);

        // What the machine of the test has in its home must not be what is tested.
        start.Environment["HOME"] = folder;
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        return new ExecutableProcess(Process.Start(start)!);
    }

    /// <summary>Waits for the end of a command.</summary>
    /// <returns>Its exit code, and what it wrote.</returns>
    public async Task<(int ExitCode, string Output, string Errors)> EndAsync()
    {
        var output = _process.StandardOutput.ReadToEndAsync();
        var errors = _process.StandardError.ReadToEndAsync();
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return (_process.ExitCode, await output.WaitAsync(Patience), await errors.WaitAsync(Patience));
    }

    /// <summary>Waits for a line of the log.</summary>
    public async Task<string> WaitForLineAsync(params string[] parts)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (await _process.StandardError.ReadLineAsync(patience.Token) is { } line)
        {
            if (parts.All(part => line.Contains(part, StringComparison.Ordinal)))
                return line;
        }

        throw new InvalidOperationException($"The process ended and did not say '{string.Join("', '", parts)}'.");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();

        await _process.WaitForExitAsync().WaitAsync(Patience);
        _process.Dispose();
    }
}
