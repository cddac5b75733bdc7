using System.Diagnostics.CodeAnalysis;

/// <summary>
/// Loaded into a child process by <c>DOTNET_STARTUP_HOOKS</c>, which asks for a class of this name without a namespace: an unhandled fault on a thread
/// of its own, as soon as a file appears.
/// </summary>
[SuppressMessage("Design", "CA1050", Justification = "The runtime asks for it like this.")]
public static class StartupHook
{
    /// <summary>Names the file.</summary>
    public const string FileVariable = "ORLEANSCHAT_TESTS_CRASH_FILE";

    /// <summary>Called by the runtime before the executable.</summary>
    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(FileVariable) is not { Length: > 0 } path)
            return;

        var thread = new Thread(() =>
        {
            using var watcher = new FileSystemWatcher(Path.GetDirectoryName(path)!, Path.GetFileName(path));
            watcher.WaitForChanged(WatcherChangeTypes.Created);
            throw new InvalidOperationException("A fault that nobody handles.");
        });
        thread.IsBackground = true;
        thread.Start();
    }
}
