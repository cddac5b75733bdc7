namespace OrleansChat.Standalone.Journal;

/// <summary>A put or delete record on disk.</summary>
internal readonly record struct RecordPlace(string Key, long Version, int SegmentId, int Offset, int Length, bool IsDelete)
{
    public KeyEntry ToEntry(int stale) => new(Version, SegmentId, Offset, IsDelete ? -Length : Length, stale);
}
