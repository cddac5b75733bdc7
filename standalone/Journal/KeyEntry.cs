namespace OrleansChat.Standalone.Journal;

/// <summary>Where the newest durable record of a key is.</summary>
/// <param name="Version">Its version.</param>
/// <param name="SegmentId">Its segment.</param>
/// <param name="Offset">Its start in the segment.</param>
/// <param name="SignedLength">Its length in bytes; negative for a delete record.</param>
/// <param name="Stale">
/// How many other records of the key are on disk, all of them older or copies of this one. A delete record is needed while
/// there are any, or the next start would bring an old value back.
/// </param>
internal readonly record struct KeyEntry(long Version, int SegmentId, int Offset, int SignedLength, int Stale)
{
    public bool IsDeleted => SignedLength < 0;

    public bool IsNeeded => !IsDeleted || Stale > 0;

    public int Length => Math.Abs(SignedLength);

    public bool IsAt(int segmentId, int offset) => SegmentId == segmentId && Offset == offset;
}
