namespace OrleansChat.Standalone.Journal;

/// <summary>What a record says. The numbers are part of the file format.</summary>
internal enum RecordKind : byte
{
    /// <summary>The key has this value.</summary>
    Put = 1,

    /// <summary>The key has no value; also called a tombstone.</summary>
    Delete = 2,

    /// <summary>
    /// Everything before is flushed. Ends a sealed segment and a clean run, so that damage before it cannot pass for a torn tail.
    /// </summary>
    Fence = 3,
}
