using System.Text;
using OrleansChat.Core.Search.Ingestion;

namespace OrleansChat.Standalone.Indexing;

/// <summary>Finds a folder's text files and reads them, one at a time.</summary>
internal static class FolderReader
{
    /// <summary>The largest file that is read, in bytes.</summary>
    public const long MaxFileBytes = 4 * 1024 * 1024;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly HashSet<string> PassedOver = new(StringComparer.OrdinalIgnoreCase) { "bin", "obj", "node_modules", "artifacts" };
    private static readonly HashSet<string> TextEndings = new(StringComparer.OrdinalIgnoreCase)
    {
        ".md", ".markdown", ".txt", ".text", ".rst", ".adoc", ".org", ".csv", ".log",
        ".cs", ".py", ".js", ".mjs", ".ts", ".tsx", ".jsx", ".go", ".java", ".rs", ".c", ".h", ".cpp", ".hpp", ".cc", ".sh", ".sql", ".yml",
        ".yaml", ".toml", ".json", ".xml", ".html", ".css", ".csproj", ".props", ".targets",
    };

    /// <summary>Files below a folder that look like text, in ordinal order. Hidden folders and those of builds are passed over, links not followed.</summary>
    public static IReadOnlyList<FileInfo> Find(DirectoryInfo folder)
    {
        var found = new List<FileInfo>();
        var folders = new Stack<DirectoryInfo>([folder]);
        var options = new EnumerationOptions { IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint };
        while (folders.TryPop(out var next))
        {
            found.AddRange(next.EnumerateFiles("*", options).Where(file => file.Name[0] != '.' && TextEndings.Contains(file.Extension)));
            foreach (var inner in next.EnumerateDirectories("*", options).Where(inner => inner.Name[0] != '.' && !PassedOver.Contains(inner.Name)))
                folders.Push(inner);
        }

        found.Sort((left, right) => string.CompareOrdinal(left.FullName, right.FullName));
        return found;
    }

    /// <summary>Reads a file.</summary>
    /// <returns>The document, or why there is none.</returns>
    public static async Task<(SourceDocument? Document, RejectedFile? Rejected)> ReadAsync(
        DirectoryInfo folder, FileInfo file, CancellationToken cancellationToken)
    {
        var id = Path.GetRelativePath(folder.FullName, file.FullName).Replace('\\', '/');
        try
        {
            if (file.Length > MaxFileBytes)
                return (null, new RejectedFile(id, $"{file.Length:N0} bytes; at most {MaxFileBytes:N0} are read"));

            var bytes = await File.ReadAllBytesAsync(file.FullName, cancellationToken);
            if (bytes.AsSpan().Contains((byte)0))
                return (null, new RejectedFile(id, "binary"));

            var text = StrictUtf8.GetString(bytes).TrimStart('\uFEFF');
            return string.IsNullOrWhiteSpace(text) ? (null, new RejectedFile(id, "empty")) : (new SourceDocument { Id = id, Text = text, Path = id }, null);
        }
        catch (DecoderFallbackException)
        {
            return (null, new RejectedFile(id, "not UTF-8"));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return (null, new RejectedFile(id, fault.Message));
        }
    }
}
