using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace OrleansChat.GatewayApi.Mcp;

/// <summary>Errors of JSON-RPC (https://www.jsonrpc.org/specification) with the HTTP status that goes with them.</summary>
internal static class McpErrors
{
    /// <summary>What was sent is not a request that is answered here.</summary>
    public const int InvalidRequest = -32600;

    /// <summary>No such session; the code that the protocol's own servers give.</summary>
    public const int SessionNotFound = -32001;

    /// <summary>A version of the protocol that is not spoken here; the data names those that are.</summary>
    public const int UnsupportedVersion = -32022;

    /// <summary>Writes an error.</summary>
    public static async Task WriteAsync(
        HttpContext context, int status, int code, string message, RequestId request = default, JsonNode? data = null)
    {
        var error = new JsonRpcError { Id = request, Error = new JsonRpcErrorDetail { Code = code, Message = message, Data = data } };
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync<JsonRpcMessage>(context.Response.Body, error, McpJsonUtilities.DefaultOptions, context.RequestAborted);
    }
}
