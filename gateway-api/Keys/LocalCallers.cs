// Compiled into silos too, where some of these usings are implicit.
#pragma warning disable IDE0005
using System.Net;
using Microsoft.AspNetCore.Http;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Settings;
#pragma warning restore IDE0005

namespace OrleansChat.GatewayApi.Keys;

/// <summary>
/// Who is answered while no key is configured: this machine, as key <c>local</c>. A page of another site that runs in this machine's
/// browser (by cross-site requests or by DNS rebinding) and whatever a proxy forwards is not this machine.
/// </summary>
internal sealed class LocalCallers(OrleansChatOptions options)
{
    private static readonly ApiKey Admin = new() { Id = ApiKey.LocalId, Admin = true };
    private static readonly ApiKey Anonymous = new() { Id = ApiKey.LocalId };

    /// <summary>The key that the caller gets.</summary>
    /// <exception cref="RequestException">The caller is not of this machine, and others are not answered.</exception>
    public ApiKey Identify(HttpContext context)
    {
        if (IsThisMachine(context))
            return Admin;
        if (options.AllowAnonymous)
            return Anonymous;
        throw new RequestException(Problem.Of(
            ProblemCode.Unauthenticated,
            "No API key is configured, so only callers of this machine are answered.",
            "Configure OrleansChat:ApiKeys and send 'Authorization: Bearer <key>'.",
            "Call the server by the name 'localhost' or '127.0.0.1'."));
    }

    /// <summary>Whether a program of this machine calls, directly.</summary>
    public static bool IsThisMachine(HttpContext context)
    {
        var request = context.Request;
        return context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(Unmap(address))
            && IsLoopbackName(request.Host.Host)
            && (request.Headers.Origin is not [{ } origin] || (Uri.TryCreate(origin, UriKind.Absolute, out var site) && IsLoopbackName(site.Host)))
            && !request.Headers.ContainsKey("X-Forwarded-For") && !request.Headers.ContainsKey("Forwarded");
    }

    private static bool IsLoopbackName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(Unmap(address)));

    private static IPAddress Unmap(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
