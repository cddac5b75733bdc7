using System.Reflection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace OrleansChat.GatewayApi.Mcp;

/// <summary>Makes MCP servers, each for one caller over one transport.</summary>
internal sealed class McpServers(SearchTool search, FindCodeTool code, AskTool ask, ILoggerFactory loggers, IServiceProvider services)
{
    private const string Name = "OrleansChat";
    private const string Instructions =
        "Searches the indexed documents ('search'), finds functions and types in indexed source code ('find_code'), and answers questions from both ('ask').";

    private static readonly string Version =
        typeof(McpServers).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>A server that acts for a caller; the caller runs it.</summary>
    public McpServer Create(ITransport transport, McpCaller caller) => McpServer.Create(
        transport,
        new McpServerOptions
        {
            ServerInfo = new Implementation { Name = Name, Version = Version },
            ServerInstructions = Instructions,
            ToolCollection = [search.Create(caller), code.Create(caller), ask.Create(caller)],
        },
        loggers,
        services);
}
