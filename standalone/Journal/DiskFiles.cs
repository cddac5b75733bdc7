using Microsoft.Win32.SafeHandles;

namespace OrleansChat.Standalone.Journal;

/// <summary>The real file system. Nothing is buffered in the process.</summary>
internal sealed class DiskFiles : IJournalFiles
{
    public void CreateFolder(string folder)
    {
        if (Directory.Exists(folder))
            return;
        var parent = Path.GetDirectoryName(folder);
        if (parent is not null)
            CreateFolder(parent);
        Directory.CreateDirectory(folder);
        if (parent is not null)
            FlushFolder(parent);
    }

    // Sharing is left open because the folder's lock already keeps other journals out, and a removed segment may still be read.
    public SafeFileHandle Create(string path) =>
        File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    public SafeFileHandle Open(string path, bool writable) =>
        File.OpenHandle(path, FileMode.Open, writable ? FileAccess.ReadWrite : FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    public void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(file, bytes, offset);

    public void Flush(SafeFileHandle file) => RandomAccess.FlushToDisk(file);

    public void Truncate(SafeFileHandle file, long length) => RandomAccess.SetLength(file, length);

    public void Move(string from, string to) => File.Move(from, to);

    public void Delete(string path) => File.Delete(path);

    /// <remarks>
    /// On Linux and macOS a new name is durable only once its folder is flushed, and .NET opens no folders; so the folder is
    /// opened through libc. NTFS journals names itself and has no such call.
    /// </remarks>
    public void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;

        using var handle = PosixFile.OpenForReading(folder);
        RandomAccess.FlushToDisk(handle);
    }
}
