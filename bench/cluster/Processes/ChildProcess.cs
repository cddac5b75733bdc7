using System.Diagnostics;

namespace OrleansChat.Cluster.Bench.Processes;

/// <summary>A process of a benchmark: told what to do by lines, and killed at its end.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ChildProcess(Process process) => _process = process;

    /// <summary>Processor time used so far.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Memory in RAM, in bytes.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Starts a program; what it writes to standard error is shown.</summary>
    public static ChildProcess Start(string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);

        return new ChildProcess(Process.Start(start)!);
    }

    /// <summary>Starts this benchmark's own executable with another task.</summary>
    public static ChildProcess StartSelf(params IEnumerable<string> arguments) =>
        Start("dotnet", arguments.Prepend(typeof(ChildProcess).Assembly.Location));

    /// <summary>Tells it something.</summary>
    public async Task TellAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Waits for a line that begins with a word; returns what follows it.</summary>
    public async Task<string> WaitAsync(string word)
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith(word, StringComparison.Ordinal))
                return line[word.Length..].Trim();
        }

        throw new InvalidOperationException($"The process ended before it said '{word}'.");
    }

    /// <summary>Reads on and forgets, so that the process never waits for its reader.</summary>
    public void Ignore() => _ = Task.Run(async () =>
    {
        while (await _process.StandardOutput.ReadLineAsync() is not null)
        {
            // Nobody wants to know.
        }
    });

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();

        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
