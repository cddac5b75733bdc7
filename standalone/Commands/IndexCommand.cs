using System.CommandLine;
using System.CommandLine.Parsing;
using OrleansChat.Core.Settings;
using OrleansChat.Standalone.Indexing;

namespace OrleansChat.Standalone.Commands;

/// <summary><c>index FOLDER --collection NAME [--server URL] [--key KEY]</c>: indexes a folder at a running server.</summary>
internal static class IndexCommand
{
    private const string KeyVariable = "ORLEANSCHAT_API_KEY";

    public static Command Create()
    {
        var folder = new Argument<DirectoryInfo>("folder") { Description = "The folder to index." };
        var collection = RootCommands.CollectionOption();
        var server = new Option<Uri>("--server")
        {
            Description = "The running server.",
            DefaultValueFactory = _ => new Uri(OrleansChatOptions.DefaultUrls),
            CustomParser = ParseAddress,
        };
        var key = new Option<string?>("--key")
        {
            Description = $"The API key; without it, the variable {KeyVariable} is read.",
            DefaultValueFactory = _ => Environment.GetEnvironmentVariable(KeyVariable),
        };
        var command = new Command("index", "Index a folder at a running server.") { folder, collection, server, key };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var target = new RemoteIndex(parsed.GetValue(server)!, parsed.GetValue(key));
            return await FolderIndexing.RunWithProgressAsync(
                parsed.GetValue(folder)!, parsed.GetValue(collection)!, target, cancellationToken);
        });
        return command;
    }

    private static Uri? ParseAddress(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps))
            return address;

        result.AddError($"'{text}' is not the address of a server, such as {OrleansChatOptions.DefaultUrls}.");
        return null;
    }
}
