namespace OrleansChat.Core.Costs.Merging;

/// <summary>Entries of pages that are to become one.</summary>
internal sealed class MergedEntries
{
    /// <summary>Entries in a merged page at most: what is serialised at once takes buffers, and threads keep theirs for a while.</summary>
    public const int Most = 2_048;

    /// <summary>
    /// Bytes at most, of an entry's fixed part and a byte for each character of its names. Where JSON takes six bytes for a character this is still far within the 16 MiB that a
    /// journal takes.
    /// </summary>
    private const int MostBytes = 1024 * 1024;

    /// <summary>Bytes of an entry beside its names.</summary>
    private const int FixedBytes = 300;

    private int _bytes;

    /// <summary>The entries, in the order in which they were booked.</summary>
    public List<LedgerEntry> Entries { get; } = [];

    /// <summary>Entries booked before the first of them.</summary>
    public long First { get; private set; } = long.MaxValue;

    /// <summary>Takes notice of a page whose entries are added.</summary>
    /// <param name="page">The page.</param>
    public void Note(LedgerPage page) => First = Math.Min(First, page.First);

    /// <summary>Adds an entry.</summary>
    /// <param name="entry">The entry.</param>
    /// <returns>Whether there was room for it.</returns>
    public bool TryAdd(LedgerEntry entry)
    {
        var subject = entry.Subject;
        _bytes += FixedBytes + entry.OperationId.Length + subject.KeyId.Length + (subject.Team?.Length ?? 0) + (subject.SessionId?.Length ?? 0)
            + subject.Model.Length + (subject.Upstream?.Length ?? 0);
        Entries.Add(entry);
        return Entries.Count <= Most && _bytes <= MostBytes;
    }
}
