namespace OrleansChat.Standalone.Journal;

/// <summary>Another journal, mostly in another process, has the folder open.</summary>
public sealed class JournalLockedException : JournalException
{
    internal JournalLockedException(string folder, int? processId, Exception cause)
        : base($"The data folder '{folder}' is in use by {(processId is { } id ? $"process {id}" : "another process")}. " +
            "Stop that process, or set OrleansChat:DataDirectory to another folder.", cause)
    {
        Folder = folder;
        ProcessId = processId;
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>The holder's process id, or null where it cannot be read.</summary>
    public int? ProcessId { get; }
}
