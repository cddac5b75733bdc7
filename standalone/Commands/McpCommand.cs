using System.CommandLine;
using OrleansChat.Standalone.Hosting;

namespace OrleansChat.Standalone.Commands;

/// <summary><c>mcp [--server URL] [--key KEY]</c>: the Model Context Protocol over standard input and output.</summary>
internal static class McpCommand
{
    public static Command Create()
    {
        var server = new Option<Uri?>("--server")
        {
            Description = "A running server to pass everything on to; without it, this process opens the data folder itself.",
            CustomParser = ServerOptions.ParseAddress,
        };
        var key = new Option<string?>("--key")
        {
            Description = $"The API key at that server; without it, the variable {ServerOptions.KeyVariable} is read.",
            DefaultValueFactory = _ => Environment.GetEnvironmentVariable(ServerOptions.KeyVariable),
        };
        var command = new Command("mcp", "Serve the Model Context Protocol over standard input and output.") { server, key };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((parsed, cancellationToken) => parsed.GetValue(server) is { } address
            ? StdioServer.RelayAsync(address, parsed.GetValue(key), cancellationToken)
            : StdioServer.RunAsync([.. parsed.UnmatchedTokens], cancellationToken));
        return command;
    }
}
