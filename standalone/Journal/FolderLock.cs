using System.Globalization;
using System.Text;

namespace OrleansChat.Standalone.Journal;

/// <summary>
/// Keeps a second journal out of a folder: an exclusively opened file, which the operating system releases with the process
/// that holds it, however that ends.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    /// <summary>The file's name. It stays behind, empty, after a clean end.</summary>
    public const string FileName = "journal.lock";

    private const int WindowsSharingViolation = unchecked((int)0x80070020);
    private readonly FileStream _file;

    private FolderLock(FileStream file) => _file = file;

    /// <exception cref="JournalLockedException">Another journal holds the folder.</exception>
    public static FolderLock Take(string folder)
    {
        var path = Path.Combine(folder, FileName);
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException exception) when (IsSharingViolation(exception))
        {
            throw new JournalLockedException(folder, ReadHolder(path), exception);
        }

        file.SetLength(0);
        file.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
        return new FolderLock(file);
    }

    public void Dispose()
    {
        _file.SetLength(0);
        _file.Dispose();
    }

    // .NET reports flock's EWOULDBLOCK as a plain IOException that carries the error number.
    private static bool IsSharingViolation(IOException exception) =>
        exception.GetType() == typeof(IOException)
        && (OperatingSystem.IsWindows()
            ? exception.HResult == WindowsSharingViolation
            : exception.HResult == (OperatingSystem.IsLinux() ? 11 : 35));

    private static int? ReadHolder(string path)
    {
        if (OperatingSystem.IsWindows())
            return null;

        try
        {
            using var file = PosixFile.OpenForReading(path);
            Span<byte> bytes = stackalloc byte[16];
            var length = RandomAccess.Read(file, bytes, 0);
            return int.TryParse(bytes[..length], CultureInfo.InvariantCulture, out var id) ? id : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
