namespace OrleansChat.Standalone.Journal;

/// <summary>A write expected another version than the key has; nothing was written.</summary>
public sealed class JournalVersionException : JournalException
{
    internal JournalVersionException(string key, long expected, long actual)
        : base($"The key '{key}' was expected {Describe(expected)}, but is {Describe(actual)}. Read it again and repeat the change.")
    {
        Key = key;
        ExpectedVersion = expected;
        ActualVersion = actual;
    }

    /// <summary>The key.</summary>
    public string Key { get; }

    /// <summary>The version the caller expected; 0 for "does not exist".</summary>
    public long ExpectedVersion { get; }

    /// <summary>The version at the time the write was decided; 0 for "does not exist".</summary>
    public long ActualVersion { get; }

    private static string Describe(long version) => version == 0 ? "not to exist" : $"at version {version}";
}
