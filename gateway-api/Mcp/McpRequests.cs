using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace OrleansChat.GatewayApi.Mcp;

/// <summary>What every request at <c>/mcp</c> has to fulfil before it is looked at.</summary>
internal static class McpRequests
{
    private const string VersionHeader = "MCP-Protocol-Version";

    /// <summary>The versions with sessions; the client and the server settle on one of them in the initialize request.</summary>
    private static readonly string[] Versions = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

    /// <summary>Refuses a foreign origin, an unknown protocol version, and a client that does not accept what it would get.</summary>
    /// <returns>Whether the request was refused; the answer is written then.</returns>
    public static async ValueTask<bool> RefuseAsync(HttpContext context, params string[] accepted)
    {
        if (!IsOwnOrigin(context.Request))
        {
            await McpErrors.WriteAsync(context, StatusCodes.Status403Forbidden, McpErrors.InvalidRequest, "Pages of this origin are not answered.");
            return true;
        }

        var version = context.Request.Headers[VersionHeader].ToString();
        if (version.Length > 0 && !Versions.Contains(version))
        {
            var data = new JsonObject
            {
                ["supported"] = new JsonArray([.. Versions.Select(known => (JsonNode)known)]),
                ["requested"] = version,
            };
            await McpErrors.WriteAsync(
                context, StatusCodes.Status400BadRequest, McpErrors.UnsupportedVersion, $"Protocol version '{version}' is not spoken here.", data: data);
            return true;
        }

        var accepts = context.Request.GetTypedHeaders().Accept;
        if (Array.TrueForAll(accepted, type => accepts.Any(range => MediaTypeHeaderValue.Parse(type).IsSubsetOf(range))))
            return false;
        await McpErrors.WriteAsync(
            context, StatusCodes.Status406NotAcceptable, McpErrors.InvalidRequest, $"The client must accept {string.Join(" and ", accepted)}.");
        return true;
    }

    // A page that a browser shows from elsewhere must not reach this server through its user's browser.
    private static bool IsOwnOrigin(HttpRequest request)
    {
        if (request.Headers.Origin is not [{ } origin])
            return request.Headers.Origin.Count == 0;
        return Uri.TryCreate(origin, UriKind.Absolute, out var site)
            && (site.IsLoopback || IsLoopback(site.Host) || string.Equals(site.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }

    private static bool IsLoopback(string host) => IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address);
}
