using System.CommandLine;
using OrleansChat.Standalone.Indexing;

namespace OrleansChat.Standalone.Commands;

/// <summary><c>index FOLDER --collection NAME [--mirror] [--server URL] [--key KEY]</c>: indexes a folder at a running server.</summary>
internal static class IndexCommand
{
    public static Command Create()
    {
        var folder = new Argument<DirectoryInfo>("folder") { Description = "The folder to index." };
        var collection = RootCommands.CollectionOption();
        var mirror = new Option<bool>("--mirror") { Description = "Remove all that the collection has and the folder has not, also what did not come from the folder." };
        var server = new ServerOptions();
        var command = new Command("index", "Index a folder at a running server.") { folder, collection, mirror, server.Address, server.Key };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var target = server.Connect(parsed);
            return await FolderIndexing.RunWithProgressAsync(
                parsed.GetValue(folder)!, parsed.GetValue(collection)!, new RemoteIndex(target), parsed.GetValue(mirror), cancellationToken);
        });
        return command;
    }
}
