using Microsoft.Win32.SafeHandles;

namespace OrleansChat.Standalone.Journal;

/// <summary>One open segment file. It is counted by its users, so that a reader outlives its removal by compaction.</summary>
internal sealed class Segment(SegmentName name, string path, SafeFileHandle file, uint salt, long length)
{
    private int _users = 1;
    private long _length = length;

    public SegmentName Name { get; } = name;

    public string Path { get; } = path;

    public SafeFileHandle File { get; } = file;

    public uint Salt { get; } = salt;

    /// <summary>Where the next record goes; only the owner of the end (the commit loop, or compaction before it is done) sets it.</summary>
    public long Length
    {
        get => Volatile.Read(ref _length);
        set => Volatile.Write(ref _length, value);
    }

    /// <summary>Whether nothing will be appended any more. Guarded by the key directory's lock.</summary>
    public bool IsSealed { get; set; }

    /// <summary>Bytes of all put and delete records in it. Guarded by the key directory's lock.</summary>
    public long RecordBytes { get; set; }

    /// <summary>Bytes of those records that are needed. Guarded by the key directory's lock.</summary>
    public long LiveBytes { get; set; }

    public long GarbageBytes => RecordBytes - LiveBytes;

    /// <summary>Adds a user; valid only while the segment is in the key directory, under its lock.</summary>
    public void Acquire() => Interlocked.Increment(ref _users);

    /// <summary>Ends a use; the last one closes the file.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0)
            File.Dispose();
    }
}
