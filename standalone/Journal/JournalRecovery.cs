namespace OrleansChat.Standalone.Journal;

/// <summary>What opening a journal found.</summary>
/// <param name="Keys">Keys that hold a value.</param>
/// <param name="Bytes">Bytes read and checked, over all segments.</param>
/// <param name="Segments">Segments found.</param>
/// <param name="TornTail">What was cut from the end of the newest segment, or null when it was whole.</param>
/// <param name="Elapsed">How long it took.</param>
public sealed record JournalRecovery(int Keys, long Bytes, int Segments, JournalTornTail? TornTail, TimeSpan Elapsed);

/// <summary>
/// The end of a batch whose flush never completed, so that nothing in it had been acknowledged. It was cut off.
/// </summary>
/// <param name="File">The segment's path.</param>
/// <param name="Offset">Where the cut was made, in bytes from the start of the file.</param>
/// <param name="Bytes">How many bytes were dropped.</param>
public sealed record JournalTornTail(string File, long Offset, long Bytes);
