using Microsoft.Win32.SafeHandles;

namespace OrleansChat.Standalone.Journal;

/// <summary>The file operations on which durability rests; tests put faults between them.</summary>
internal interface IJournalFiles
{
    /// <summary>Creates the folder, with its parents, where missing.</summary>
    void CreateFolder(string folder);

    /// <summary>Creates a file for reading and writing; an existing one is emptied.</summary>
    SafeFileHandle Create(string path);

    /// <summary>Opens an existing file for reading and, if asked, writing.</summary>
    SafeFileHandle Open(string path, bool writable);

    /// <summary>Writes all bytes at an offset.</summary>
    void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset);

    /// <summary>Returns once the file's bytes and length are on the disk.</summary>
    void Flush(SafeFileHandle file);

    /// <summary>Sets the file's length.</summary>
    void Truncate(SafeFileHandle file, long length);

    /// <summary>Renames a file.</summary>
    void Move(string from, string to);

    /// <summary>Removes a file.</summary>
    void Delete(string path);

    /// <summary>Returns once the folder's entries (created, renamed, removed files) are on the disk.</summary>
    void FlushFolder(string folder);
}
