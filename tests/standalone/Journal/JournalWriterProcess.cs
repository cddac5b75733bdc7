using System.Diagnostics;
using System.Globalization;
using OrleansChat.Standalone.Journal;

namespace OrleansChat.Standalone.Tests.Journals;

/// <summary>A child process that writes to a journal and reports each acknowledged write, until killed.</summary>
internal sealed class JournalWriterProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Process _process;

    private JournalWriterProcess(Process process) => _process = process;

    public static JournalWriterProcess Start(string folder, int writers, int firstNumber, JournalOptions options) => new(
        Process.Start(new ProcessStartInfo(DotnetHost())
        {
            ArgumentList =
            {
                Path.Combine(AppContext.BaseDirectory, "OrleansChat.JournalWriter.dll"),
                folder,
                writers.ToString(CultureInfo.InvariantCulture),
                firstNumber.ToString(CultureInfo.InvariantCulture),
                options.SegmentBytes.ToString(CultureInfo.InvariantCulture),
                options.CompactionGarbageRatio.ToString(CultureInfo.InvariantCulture),
            },
            RedirectStandardOutput = true,
        })!);

    /// <summary>The next line; null when the process is gone and all it said was read.</summary>
    public Task<string?> ReadLineAsync() => _process.StandardOutput.ReadLineAsync().WaitAsync(Patience);

    /// <summary>SIGKILL on Unix, TerminateProcess on Windows: the process gets no chance to do anything.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Completes when the process is gone, and its lock with it.</summary>
    public Task EndedAsync() => _process.WaitForExitAsync().WaitAsync(Patience);

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private static string DotnetHost() =>
        Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path
        : Environment.ProcessPath is { } self && Path.GetFileNameWithoutExtension(self) == "dotnet" ? self
        : "dotnet";
}
