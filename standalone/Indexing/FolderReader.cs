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

    private static readonly HashSet<string> TextNames = new(StringComparer.OrdinalIgnoreCase) { "README", "LICENSE", "CHANGELOG", "NOTICE", "Dockerfile", "Makefile" };

    /// <summary>
    /// Files below a folder that look like text, folder by folder and in ordinal order, found as they are asked for. Hidden files and folders, those of
    /// builds and what ignore files leave out are passed over, links not followed.
    /// </summary>
    public static IEnumerable<FileInfo> Find(DirectoryInfo folder) => Find(folder, IgnoreRules.At(folder));

    private static IEnumerable<FileInfo> Find(DirectoryInfo folder, IgnoreRules rules)
    {
        var options = new EnumerationOptions { IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint };
        foreach (var entry in folder.EnumerateFileSystemInfos("*", options).OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            if (entry.Name[0] == '.' || rules.Ignores(entry.FullName, entry is DirectoryInfo))
                continue;
            if (entry is FileInfo file && IsText(file))
                yield return file;
            if (entry is not DirectoryInfo inner || PassedOver.Contains(inner.Name))
                continue;
            foreach (var found in Find(inner, rules.In(inner.FullName)))
                yield return found;
        }
    }

    private static bool IsText(FileInfo file) => TextEndings.Contains(file.Extension) || TextNames.Contains(file.Name);

    /// <summary>What documents of a folder have as their origin: its URI with the machine's name, since two machines may have folders of one path.</summary>
    public static string OriginOf(DirectoryInfo folder) =>
        new UriBuilder(Uri.UriSchemeFile, Environment.MachineName) { Path = Path.TrimEndingDirectorySeparator(folder.FullName) }.Uri.AbsoluteUri;

    /// <summary>The document of a file is called as the file, from the folder on and with slashes.</summary>
    public static string IdOf(DirectoryInfo folder, FileInfo file) => Path.GetRelativePath(folder.FullName, file.FullName).Replace('\\', '/');

    /// <summary>Reads a file.</summary>
    /// <returns>The document, or why there is none.</returns>
    public static async Task<(SourceDocument? Document, RejectedFile? Rejected)> ReadAsync(
        DirectoryInfo folder, FileInfo file, CancellationToken cancellationToken)
    {
        var id = IdOf(folder, file);
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
