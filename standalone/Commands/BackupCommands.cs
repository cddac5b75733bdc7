using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Settings.Reading;
using OrleansChat.Standalone.Hosting;
using OrleansChat.Standalone.Journal;
using OpenJournal = OrleansChat.Standalone.Journal.Journal;

namespace OrleansChat.Standalone.Commands;

/// <summary><c>backup FILE [--server URL] [--key KEY]</c> copies a running server's data; <c>restore FILE</c> makes a data folder of the copy.</summary>
internal static class BackupCommands
{
    private const string Unfinished = ".unfinished";

    public static Command CreateBackup()
    {
        var file = new Argument<FileInfo>("file") { Description = "Where the copy goes; it must not exist." };
        var server = new ServerOptions();
        var command = new Command("backup", "Copy all data of a running server into a file, by an admin key.") { file, server.Address, server.Key };
        command.SetAction((parsed, cancellationToken) => GuardAsync(async () =>
        {
            using var target = server.Connect(parsed);
            await BackUpAsync(target, parsed.GetValue(file)!, cancellationToken);
        }));
        return command;
    }

    public static Command CreateRestore()
    {
        var file = new Argument<FileInfo>("file") { Description = "A file that 'backup' has made." };
        var command = new Command("restore", "Make the data folder of the settings from a backup. The folder must be empty, and no server may run on it.") { file };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((parsed, cancellationToken) => GuardAsync(async () =>
        {
            StartFault.ThrowIfUnknown([.. parsed.UnmatchedTokens]);
            var options = OrleansChatSettings.Load(SettingsPlaces.OfThisProcess([.. parsed.UnmatchedTokens]));
            await RestoreAsync(parsed.GetValue(file)!, new DirectoryInfo(options.DataDirectory), cancellationToken);
        }));
        return command;
    }

    private static async Task BackUpAsync(RemoteServer server, FileInfo file, CancellationToken cancellationToken)
    {
        var unfinished = file.FullName + Unfinished;
        await using (var copy = new FileStream(unfinished, FileMode.Create, FileAccess.Write))
        {
            await server.DownloadAsync("/api/backup", copy, cancellationToken);
            copy.Flush(flushToDisk: true);
        }

        // A file of that name is a whole backup, or none.
        File.Move(unfinished, file.FullName, overwrite: false);
        Console.WriteLine($"{file.FullName}: {new FileInfo(file.FullName).Length:N0} bytes.");
    }

    private static async Task RestoreAsync(FileInfo file, DirectoryInfo folder, CancellationToken cancellationToken)
    {
        await using (var archive = file.OpenRead())
            await JournalBackup.UnpackAsync(archive, folder, cancellationToken);

        // Opening reads and checks every byte.
        await using var journal = await OpenJournal.OpenAsync(
            new JournalOptions { DataDirectory = folder.FullName }, TimeProvider.System, NullLogger<OpenJournal>.Instance, cancellationToken);
        Console.WriteLine($"{folder.FullName}: every byte is read and checked; records in force: {journal.Recovery.Keys:N0}.");
    }

    private static async Task<int> GuardAsync(Func<Task> run)
    {
        try
        {
            await run();
            return 0;
        }
        catch (Exception fault) when (StartFault.Describe(fault) is { } lines)
        {
            foreach (var line in lines)
                await Console.Error.WriteLineAsync(line);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or HttpRequestException)
        {
            await Console.Error.WriteLineAsync(fault.Message);
        }

        return Server.StartFailed;
    }
}
