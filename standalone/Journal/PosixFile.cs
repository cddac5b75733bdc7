using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace OrleansChat.Standalone.Journal;

/// <summary>Opens what <see cref="File"/> will not: folders, and files under another process' exclusive lock.</summary>
internal static class PosixFile
{
    private const int ReadOnly = 0;
    private const int CloseOnExecLinux = 0x80000;
    private const int CloseOnExecApple = 0x1000000;

    /// <summary>Opens a path for reading.</summary>
    /// <exception cref="IOException">The system refused; the message has its error number.</exception>
    public static SafeFileHandle OpenForReading(string path)
    {
        var flags = ReadOnly | (OperatingSystem.IsLinux() ? CloseOnExecLinux : CloseOnExecApple);
        var descriptor = Open(Encoding.UTF8.GetBytes(path + '\0'), flags);
        return descriptor >= 0
            ? new SafeFileHandle(descriptor, ownsHandle: true)
            : throw new IOException($"'{path}' could not be opened (error {Marshal.GetLastPInvokeError()}).");
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open(byte[] path, int flags);
}
