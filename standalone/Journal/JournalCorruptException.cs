namespace OrleansChat.Standalone.Journal;

/// <summary>
/// A segment does not hold what was written to it, in a place that had been flushed. The journal changes nothing in that case.
/// </summary>
public sealed class JournalCorruptException : JournalException
{
    internal JournalCorruptException(string file, long offset, string finding)
        : base($"The journal segment '{file}' is damaged at byte {offset}: {finding}. Nothing was changed. Restore this file from a " +
            "backup; or, to go on without everything it holds, stop OrleansChat and move the file out of the folder.")
    {
        File = file;
        Offset = offset;
    }

    /// <summary>The segment's path.</summary>
    public string File { get; }

    /// <summary>Where the damaged record begins, in bytes from the start of the file.</summary>
    public long Offset { get; }
}
