namespace OrleansChat.Standalone.Journal;

/// <summary>
/// A write was not acknowledged because writing or flushing failed, now or earlier. Unless <see cref="IsRefused"/>, the write may
/// or may not be found after the next start, as with any write that ends in an error.
/// </summary>
public sealed class JournalWriteException : JournalException
{
    internal JournalWriteException(string message, string file, bool isRefused, Exception? cause)
        : base(message, cause)
    {
        File = file;
        IsRefused = isRefused;
    }

    /// <summary>The segment's path.</summary>
    public string File { get; }

    /// <summary>
    /// True when the write was refused without touching the disk, or when what had reached the file was taken back;
    /// it will never be seen.
    /// </summary>
    public bool IsRefused { get; }
}
