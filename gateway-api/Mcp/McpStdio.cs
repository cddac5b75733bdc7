using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using OrleansChat.Core.Keys;

namespace OrleansChat.GatewayApi.Mcp;

/// <summary>The Model Context Protocol over standard input and output, for a tool that starts this process for itself.</summary>
public static class McpStdio
{
    private const string Name = "OrleansChat";

    /// <summary>Serves one client until its end of input, as this machine's own key.</summary>
    /// <param name="services">The services of a started host.</param>
    /// <param name="cancellationToken">Stops serving.</param>
    /// <returns>A task.</returns>
    public static async Task ServeAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        await using var transport = new StdioServerTransport(Name, services.GetRequiredService<ILoggerFactory>());
        await using var server = services.GetRequiredService<McpServers>().Create(transport, new McpCaller(new ApiKey { Id = ApiKey.LocalId, Admin = true }));
        await server.RunAsync(cancellationToken);
    }

    /// <summary>Passes one client's messages on to a running server, and its answers back, until either side ends.</summary>
    /// <param name="server">The server's address, without the path.</param>
    /// <param name="key">The API key; null for none.</param>
    /// <param name="cancellationToken">Stops passing on.</param>
    /// <returns>A task.</returns>
    /// <exception cref="HttpRequestException">No server answers, or it refuses.</exception>
    public static async Task RelayAsync(Uri server, string? key, CancellationToken cancellationToken)
    {
        var options = new HttpClientTransportOptions
        {
            Endpoint = new Uri(server, "/mcp"),
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = key is null ? null : new Dictionary<string, string> { ["Authorization"] = $"Bearer {key}" },
        };
        await using var http = new HttpClientTransport(options);
        await using var remote = await http.ConnectAsync(cancellationToken);
        await using var local = new StdioServerTransport(Name);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var finished = await Task.WhenAny(PassAsync(local, remote, end.Token), PassAsync(remote, local, end.Token));
        await end.CancelAsync();
        await finished;
    }

    private static async Task PassAsync(ITransport from, ITransport to, CancellationToken cancellationToken)
    {
        await foreach (var message in from.MessageReader.ReadAllAsync(cancellationToken))
        {
            try
            {
                await to.SendMessageAsync(message, cancellationToken);
            }
            catch (HttpRequestException refused) when (refused.StatusCode is not null && message is JsonRpcRequest)
            {
                // What the server refuses as a whole, it does not know; a client that tries newer methods first then falls back on others.
                var error = new JsonRpcErrorDetail { Code = (int)McpErrorCode.MethodNotFound, Message = refused.Message };
                await from.SendMessageAsync(new JsonRpcError { Id = ((JsonRpcRequest)message).Id, Error = error }, cancellationToken);
            }
        }
    }
}
