namespace OrleansChat.Standalone.Journal;

/// <summary>
/// The segment that writers append to, and how another one follows it. Any step of that may fail and is then done again from its beginning:
/// nothing that a failed flush leaves in doubt is relied upon, and nothing is appended in between.
/// </summary>
internal sealed class LogEnd(Segment active, bool isFenced, SegmentFolder folder, KeyDirectory directory)
{
    private readonly SegmentWriter _writer = new(folder.Files);
    private bool _isFenced = isFenced;
    private bool _isFenceInDoubt;

    /// <summary>Where the next record goes.</summary>
    public Segment Segment { get; private set; } = active;

    /// <summary>
    /// Whether an attempt to follow the segment by another one has failed. A file of the next one may then be on the disk, so this one must not grow:
    /// after a crash it would be a complete segment without an end.
    /// </summary>
    public bool MustFollow { get; private set; }

    /// <summary>Notes that a record was appended behind the fence, if there was one.</summary>
    public void NoteRecords() => _isFenced = false;

    /// <summary>Ends the segment and begins another one.</summary>
    /// <param name="nextVersion">The version that the next record gets.</param>
    public void Follow(long nextVersion)
    {
        MustFollow = true;
        Fence(nextVersion);
        var next = folder.CreateLog(nextVersion);
        directory.Add(next);
        directory.Seal(Segment);
        Segment = next;
        MustFollow = false;
    }

    /// <summary>Ends the segment with a fence that is on the disk when this returns.</summary>
    /// <param name="nextVersion">The version that the next record gets.</param>
    public void Fence(long nextVersion)
    {
        if (_isFenced)
            return;

        // After a failed flush the disk may lack what the system believes to be there, and a flush that succeeds next would prove nothing.
        // So the fence of an earlier attempt is cut off and written anew.
        var end = Segment.Length;
        if (_isFenceInDoubt)
            folder.Files.Truncate(Segment.File, end);
        _isFenceInDoubt = true;
        try
        {
            _writer.Add(Segment, RecordKind.Fence, "", [], nextVersion - 1);
            _writer.WriteTo(Segment);
            folder.Files.Flush(Segment.File);
        }
        catch
        {
            _writer.Clear();
            Segment.Length = end;
            throw;
        }

        _isFenceInDoubt = false;
        _isFenced = true;
    }
}
