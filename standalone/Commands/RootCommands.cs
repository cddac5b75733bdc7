using System.CommandLine;
using OrleansChat.Standalone.Hosting;

namespace OrleansChat.Standalone.Commands;

/// <summary>What the executable understands: with no command it serves.</summary>
internal static class RootCommands
{
    /// <summary>
    /// How its commands are run: one that is told to stop by Ctrl-C or SIGTERM ends by itself and says with what code. The library's own patience is two seconds,
    /// after which it would end a server whose turns may finish within <c>Gateway:DrainTimeout</c>.
    /// </summary>
    public static InvocationConfiguration Invocation => new() { ProcessTerminationTimeout = Timeout.InfiniteTimeSpan };

    public static RootCommand Create()
    {
        var index = new Option<DirectoryInfo?>("--index") { Description = "Index this folder at start." };
        var collection = CollectionOption();
        var root = new RootCommand("A chat and search server for one machine. Settings may be given as --OrleansChat:Key=value.")
        {
            index,
            collection,
            IndexCommand.Create(),
            KeysCommand.Create(),
            ConfigCommand.Create(),
            BackupCommands.CreateBackup(),
            BackupCommands.CreateRestore(),
            McpCommand.Create(),
        };

        // Settings are read by name elsewhere, where a wrong one is named with its remedy.
        root.TreatUnmatchedTokensAsErrors = false;
        root.SetAction((parsed, cancellationToken) => Server.RunAsync(
            [.. parsed.UnmatchedTokens], parsed.GetValue(index), parsed.GetValue(collection)!, cancellationToken));
        return root;
    }

    /// <summary>The collection that a folder goes to.</summary>
    public static Option<string> CollectionOption() => new("--collection")
    {
        Description = "The collection that the folder goes to.",
        DefaultValueFactory = _ => "docs",
    };
}
