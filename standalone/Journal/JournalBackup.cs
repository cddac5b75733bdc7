using System.Formats.Tar;
using OrleansChat.Core.Backups;
using OrleansChat.Core.Errors;

namespace OrleansChat.Standalone.Journal;

/// <summary>The journal's segments as a tar archive, and back.</summary>
internal sealed class JournalBackup(Journal journal) : IBackup
{
    public Task WriteAsync(Stream destination, CancellationToken cancellationToken) => journal.WriteSnapshotAsync(destination, cancellationToken);

    /// <summary>Unpacks an archive into a folder that holds no journal. Nothing but segments is unpacked, whatever the archive names.</summary>
    /// <returns>A task.</returns>
    /// <exception cref="OrleansChatException">The folder is not empty, or the archive is not a backup.</exception>
    public static async Task UnpackAsync(Stream archive, DirectoryInfo folder, CancellationToken cancellationToken)
    {
        if (folder.Exists && folder.EnumerateFileSystemInfos().Any())
            throw Refused($"The folder '{folder.FullName}' is not empty.", "Name another with --OrleansChat:DataDirectory=FOLDER, or move what is there away.");

        folder.Create();
        var isEmpty = true;
        try
        {
            await using var reader = new TarReader(archive);
            while (await reader.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
            {
                if (SegmentName.TryParse(entry.Name) is not { } name || name.FileName != entry.Name || entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile))
                    throw Refused($"The archive holds '{entry.Name}', which no backup does.", "Name a file that the command 'backup' has made.");
                await entry.ExtractToFileAsync(Path.Combine(folder.FullName, name.FileName), overwrite: false, cancellationToken);
                isEmpty = false;
            }
        }
        catch (Exception fault) when (fault is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw new OrleansChatException(
                Problem.Of(ProblemCode.InvalidRequest, "The file is not a whole backup.", "Name a file that the command 'backup' has made."), fault);
        }

        if (isEmpty)
            throw Refused("The archive is empty.", "Name a file that the command 'backup' has made.");
    }

    private static RequestException Refused(string detail, string suggestion) => new(Problem.Of(ProblemCode.InvalidRequest, detail, suggestion));
}
