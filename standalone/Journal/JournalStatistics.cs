namespace OrleansChat.Standalone.Journal;

/// <summary>The state of a journal at one moment; the numbers are read one after the other, not atomically.</summary>
/// <param name="Keys">Keys that hold a value.</param>
/// <param name="LiveBytes">Bytes of the records still needed.</param>
/// <param name="GarbageBytes">Bytes of overwritten and deleted records, which compaction will give back.</param>
/// <param name="Segments">Segment files.</param>
/// <param name="Commits">Batches made durable since the journal was opened; each cost one flush.</param>
/// <param name="Writes">Puts and deletes made durable since the journal was opened.</param>
/// <param name="LastFlush">How long the newest batch's flush to disk took.</param>
/// <param name="QueueDepth">Writes waiting for the next batch.</param>
/// <param name="Compactions">Segments that compaction has replaced since the journal was opened.</param>
public sealed record JournalStatistics(
    int Keys,
    long LiveBytes,
    long GarbageBytes,
    int Segments,
    long Commits,
    long Writes,
    TimeSpan LastFlush,
    int QueueDepth,
    long Compactions);
