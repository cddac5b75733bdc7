namespace OrleansChat.Standalone.Journal;

/// <summary>The folder or a file in it cannot be created, read or written.</summary>
public sealed class JournalAccessException : JournalException
{
    internal JournalAccessException(string folder, Exception cause)
        : base($"The data folder '{folder}' cannot be used: {cause.Message} Give this user the right to read and write it, " +
            "or set OrleansChat:DataDirectory to another folder.", cause) => Folder = folder;

    /// <summary>The folder.</summary>
    public string Folder { get; }
}
