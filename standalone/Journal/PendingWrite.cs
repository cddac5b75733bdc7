namespace OrleansChat.Standalone.Journal;

/// <summary>A write on its way to the disk. Its result is the new version (0 for a delete), set once it is durable.</summary>
internal sealed class PendingWrite(
    RecordKind kind, string key, ReadOnlyMemory<byte> value, long? expectedVersion, CancellationToken cancellation)
    : TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    /// <summary>Put, delete, or a fence: seal the current log.</summary>
    public RecordKind Kind => kind;

    public string Key => key;

    public ReadOnlyMemory<byte> Value => value;

    public long? ExpectedVersion => expectedVersion;

    /// <summary>Honoured until the write is part of a batch.</summary>
    public CancellationToken Cancellation => cancellation;

    /// <summary>Whether it was left out of the batch because its caller gave up.</summary>
    public bool IsCancelled { get; set; }

    /// <summary>The version to report once the batch is durable.</summary>
    public long NewVersion { get; set; }

    /// <summary>The conflict to report once the batch is durable, since it may have been decided against a write of that batch.</summary>
    public JournalVersionException? Conflict { get; set; }

    /// <summary>Why it failed by itself, while the rest of its batch is durable.</summary>
    public JournalWriteException? Failure { get; set; }
}
