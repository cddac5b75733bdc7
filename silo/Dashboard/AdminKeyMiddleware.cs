using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Settings;

namespace OrleansChat.Silo.Dashboard;

/// <summary>
/// Lets admin keys pass: as a bearer token, in <c>x-api-key</c>, or as the password that a browser asks for. With no key configured,
/// only this machine is answered. Who presents no known key is asked for one (401); a key without the right is refused (403).
/// </summary>
internal sealed class AdminKeyMiddleware(RequestDelegate next, OrleansChatOptions options, TimeProvider time)
{
    private const string KeyHeader = "x-api-key";

    private readonly IReadOnlyList<(Secret Secret, bool IsAdmin)> _keys =
        [.. options.ApiKeys.Select(key => (Secret.From(key.Secret, time), key.Admin))];

    public Task InvokeAsync(HttpContext context)
    {
        var (isKnown, isAdmin) = options.ApiKeys.Count == 0 ? (false, IsThisMachine(context)) : Find(PresentedBy(context.Request));
        if (isAdmin)
            return next(context);

        context.Response.StatusCode = isKnown ? StatusCodes.Status403Forbidden : StatusCodes.Status401Unauthorized;
        context.Response.Headers.WWWAuthenticate = "Basic realm=\"OrleansChat admin key as password\"";
        return Task.CompletedTask;
    }

    private static bool IsThisMachine(HttpContext context) =>
        context.Connection.RemoteIpAddress is null || IPAddress.IsLoopback(context.Connection.RemoteIpAddress);

    private static string? PresentedBy(HttpRequest request)
    {
        if (request.Headers[KeyHeader] is [{ Length: > 0 } key])
            return key;
        if (!AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var given) || given.Parameter is not { } parameter)
            return null;
        return given.Scheme.ToUpperInvariant() switch
        {
            "BEARER" => parameter,
            "BASIC" => PasswordIn(parameter),
            _ => null,
        };
    }

    private static string? PasswordIn(string basic)
    {
        var bytes = new byte[basic.Length];
        if (!Convert.TryFromBase64String(basic, bytes, out var length))
            return null;

        var pair = Encoding.UTF8.GetString(bytes, 0, length);
        var colon = pair.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : pair[(colon + 1)..];
    }

    private (bool IsKnown, bool IsAdmin) Find(string? presented)
    {
        if (presented is null)
            return (false, false);

        // Hashes have one length, and every key is compared: the time taken tells nothing.
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(presented));
        var (known, admin) = (false, false);
        foreach (var (secret, isAdmin) in _keys)
        {
            var matches = secret.Read() is { } stored && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(stored)), hash);
            known |= matches;
            admin |= matches && isAdmin;
        }

        return (known, admin);
    }
}
