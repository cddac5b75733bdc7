namespace OrleansChat.Standalone.Journal;

/// <summary>Which segments are worth rewriting. Pure decisions over what the key directory counts.</summary>
internal static class CompactionPolicy
{
    /// <summary>How many small segments are left alone; more than these are merged so that files do not pile up.</summary>
    public const int MaxSmallSegments = 8;

    /// <summary>Every sealed segment with garbage, fewest live bytes first.</summary>
    public static IEnumerable<Segment> WithGarbage(IReadOnlyList<Segment> segments) =>
        segments.Where(static s => s.IsSealed && s.GarbageBytes > 0).OrderBy(static s => s.LiveBytes);

    /// <summary>
    /// The sealed segments whose share of garbage is at least the configured one, and those too small to be kept as they are
    /// when there are too many of them; fewest live bytes first.
    /// </summary>
    public static IEnumerable<Segment> Worthwhile(IReadOnlyList<Segment> segments, JournalOptions options)
    {
        var small = segments.Where(s => s.IsSealed && s.RecordBytes < options.SegmentBytes / MaxSmallSegments).ToHashSet();
        if (small.Count <= MaxSmallSegments)
            small.Clear();
        return segments
            .Where(s => s.IsSealed && (small.Contains(s)
                || (s.GarbageBytes > 0 && s.GarbageBytes >= s.RecordBytes * options.CompactionGarbageRatio)))
            .OrderBy(static s => s.LiveBytes);
    }
}
