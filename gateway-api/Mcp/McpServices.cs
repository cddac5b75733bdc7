using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace OrleansChat.GatewayApi.Mcp;

/// <summary>Registers the MCP server.</summary>
internal static class McpServices
{
    /// <summary>Adds the tools and the sessions of <c>/mcp</c>.</summary>
    public static IServiceCollection AddMcp(this IServiceCollection services)
    {
        services.TryAddSingleton<SearchTool>();
        services.TryAddSingleton<FindCodeTool>();
        services.TryAddSingleton<AskTool>();
        services.TryAddSingleton<McpServers>();
        services.TryAddSingleton<McpSessions>();
        return services;
    }
}
