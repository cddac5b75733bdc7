using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using OrleansChat.Core.Errors;

namespace OrleansChat.Standalone.Search;

/// <summary>
/// A mapped file without a name: it is gone when the process is, however that ends. Its room is reserved when it is made, so that a full disk
/// is an error then and not a fault when memory is written. It is unmapped once nobody refers to it.
/// </summary>
internal sealed class MappedSegment
{
    // From Linux' mman.h. Without huge pages, since one look would bring two megabytes along.
    private const int DontNeed = 4;
    private const int NoHugePage = 15;

    private readonly MemoryMappedViewAccessor _view;

    private MappedSegment(MemoryMappedFile file, int length)
    {
        _view = file.CreateViewAccessor(0, length);
        Length = length;
        Advise(NoHugePage);
    }

    /// <summary>The bytes it holds.</summary>
    public int Length { get; }

    /// <summary>Makes a segment.</summary>
    /// <exception cref="StorageException">The disk has no room, or does not take files.</exception>
    public static MappedSegment Create(string folder, int length)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var path = Path.Combine(folder, $"{Guid.NewGuid():N}.rows");
            var handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete, FileOptions.DeleteOnClose, preallocationSize: length);
            if (!OperatingSystem.IsWindows())
                File.Delete(path);
            RandomAccess.SetLength(handle, length);

            // The view outlives the file that it was made of.
            using var file = MemoryMappedFile.CreateFromFile(handle, null, length, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false);
            return new MappedSegment(file, length);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"There is no room for {length} bytes of passages in '{folder}'.", failure);
        }
    }

    /// <summary>Writes bytes at an offset.</summary>
    public void Write(int offset, ReadOnlySpan<byte> bytes) => _view.SafeMemoryMappedViewHandle.WriteSpan((ulong)offset, bytes);

    /// <summary>Reads bytes at an offset.</summary>
    public void Read(int offset, Span<byte> target) => _view.SafeMemoryMappedViewHandle.ReadSpan((ulong)offset, target);

    /// <summary>Gives its pages back to the system's file cache, from where the next access brings them again.</summary>
    public void HandBack() => Advise(DontNeed);

    // Other systems decide for themselves.
    private void Advise(int advice)
    {
        if (OperatingSystem.IsLinux())
            _ = Advise(_view.SafeMemoryMappedViewHandle, (nuint)Length, advice);
    }

    [DllImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Advise(SafeHandle address, nuint length, int advice);
}
