using System.Net;
using Microsoft.AspNetCore.Http;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Settings;

namespace OrleansChat.GatewayApi.Sockets;

/// <summary>
/// Which pages may open a socket: browsers let any page do so and send along what they know of the user, so the server has to look at the origin
/// (RFC 6455, 10.2). Programs send none.
/// </summary>
internal static class SocketOrigins
{
    private const string All = "*";

    /// <summary>Refuses a page of a foreign origin.</summary>
    /// <exception cref="RequestException"><c>forbidden</c>.</exception>
    public static void Check(HttpRequest request, SocketOptions options)
    {
        if (request.Headers.Origin.Count == 0 || IsAllowed(request.Headers.Origin.ToString(), request.Host.Value, options))
            return;
        throw new RequestException(Problem.Of(
            ProblemCode.Forbidden, "Pages of this origin may not open sockets here.", "Add the origin to OrleansChat:Gateway:Sockets:AllowedOrigins."));
    }

    private static bool IsAllowed(string origin, string? host, SocketOptions options) =>
        options.AllowedOrigins.Any(allowed => allowed == All || allowed.TrimEnd('/').Equals(origin, StringComparison.OrdinalIgnoreCase))
        || (Uri.TryCreate(origin, UriKind.Absolute, out var page)
            && (page.IsLoopback || IsLoopback(page.Host) || string.Equals(page.Authority, host, StringComparison.OrdinalIgnoreCase)));

    private static bool IsLoopback(string host) => IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address);
}
