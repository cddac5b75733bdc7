namespace OrleansChat.Standalone.Tests.Journals;

/// <summary>A folder of a test's own, removed at its end.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("orleanschat-journal-").FullName;

    public string NewLog => Directory.GetFiles(Path, "*.log").Order(StringComparer.Ordinal).Last();

    /// <summary>A copy of the folder as it is now, without the lock.</summary>
    public TemporaryFolder Copy()
    {
        var copy = new TemporaryFolder();
        foreach (var file in Directory.GetFiles(Path).Where(static file => !file.EndsWith(".lock", StringComparison.Ordinal)))
            File.Copy(file, System.IO.Path.Combine(copy.Path, System.IO.Path.GetFileName(file)));
        return copy;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
