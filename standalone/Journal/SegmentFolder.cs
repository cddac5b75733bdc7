using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace OrleansChat.Standalone.Journal;

/// <summary>Makes and removes segment files so that a crash between any two steps leaves a folder that can be recovered.</summary>
internal sealed class SegmentFolder(string folder, IJournalFiles files, int lastId)
{
    private int _lastId = lastId;

    // The log that was begun and is not certainly on the disk; only the commit loop makes logs, and recovery before it.
    private SegmentName? _begun;

    public IJournalFiles Files => files;

    public string PathOf(SegmentName name) => Path.Combine(folder, name.FileName);

    /// <summary>
    /// Creates a log; its header and its name are on the disk when this returns. After a failure the next call makes the same file once more, from
    /// nothing: under another name the first one would be an incomplete segment in the middle of the log.
    /// </summary>
    public Segment CreateLog(long baseVersion)
    {
        if (_begun is { } left)
            files.Delete(PathOf(left));
        var name = _begun ??= new SegmentName(Interlocked.Increment(ref _lastId), IsMerged: false);
        var path = PathOf(name);
        var segment = Create(name, path, path, baseVersion);
        try
        {
            files.Flush(segment.File);
            files.FlushFolder(folder);
        }
        catch
        {
            segment.Release();
            throw;
        }

        _begun = null;
        return segment;
    }

    /// <summary>Creates a merged segment under a name that recovery ignores.</summary>
    public Segment CreateMerged(long baseVersion)
    {
        var name = new SegmentName(Interlocked.Increment(ref _lastId), IsMerged: true);
        var path = PathOf(name);
        return Create(name, path, path + SegmentName.UnfinishedExtension, baseVersion);
    }

    /// <summary>Makes a merged segment, complete, ended by a fence and flushed, part of the journal.</summary>
    public void Publish(Segment merged)
    {
        files.Move(merged.Path + SegmentName.UnfinishedExtension, merged.Path);
        files.FlushFolder(folder);
    }

    /// <summary>Takes back what <see cref="Publish"/> did, however far it came.</summary>
    public void Withdraw(Segment merged)
    {
        Remove([merged.Path, merged.Path + SegmentName.UnfinishedExtension]);
        merged.Release();
    }

    /// <summary>Gives an unfinished merged segment up.</summary>
    public void Abandon(Segment merged)
    {
        merged.Release();
        files.Delete(merged.Path + SegmentName.UnfinishedExtension);
    }

    /// <summary>Removes files; they are gone for good when this returns.</summary>
    public void Remove(IEnumerable<string> paths)
    {
        foreach (var path in paths)
            files.Delete(path);
        files.FlushFolder(folder);
    }

    private Segment Create(SegmentName name, string path, string createdPath, long baseVersion)
    {
        var header = new SegmentHeader(name.Id, BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(sizeof(uint))), baseVersion);
        SafeFileHandle? file = null;
        try
        {
            file = files.Create(createdPath);
            files.Write(file, header.ToBytes(), 0);
            return new Segment(name, path, file, header.Salt, SegmentHeader.Bytes);
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }
}
