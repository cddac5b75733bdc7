using System.Net.Http.Headers;
using System.Text;
using OrleansChat.Core.Keys;
using OrleansChat.GatewayApi.Keys;
using OrleansChat.GatewayApi.Security;

namespace OrleansChat.Silo.Keys;

/// <summary>
/// Who asks a silo: by the keys of the settings and those made at run time, as a bearer token, in <c>x-api-key</c>, or as the password that a browser asks for.
/// While no key is configured, this machine is answered.
/// </summary>
internal sealed class SiloCallers(KeyRing ring, AuthenticationFailures failures, TimeProvider clock)
{
    private const string KeyHeader = "x-api-key";

    /// <summary>A silo that has not joined its cluster cannot ask for the keys made at run time.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private static readonly ApiKey ThisMachine = new() { Id = ApiKey.LocalId, Admin = true };

    /// <summary>The caller's key; null where it has presented none that is valid.</summary>
    /// <param name="context">The request.</param>
    /// <returns>The key.</returns>
    public async ValueTask<ApiKey?> FindAsync(HttpContext context)
    {
        var secret = PresentedBy(context.Request);
        if (ring.IsEmpty && secret?.StartsWith(KeySecret.Prefix, StringComparison.Ordinal) is not true)
            return LocalCallers.IsThisMachine(context) ? ThisMachine : null;
        var address = context.Connection.RemoteIpAddress;
        if (secret is null || failures.BlockedFor(address) is not null)
            return null;

        var found = await FindAsync(secret, context.RequestAborted);
        if (found is null)
            failures.Count(address);
        return found;
    }

    private async ValueTask<ApiKey?> FindAsync(string secret, CancellationToken aborted)
    {
        using var limit = new CancellationTokenSource(Limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, aborted);
        try
        {
            return await ring.FindAsync(secret, either.Token).AsTask().WaitAsync(either.Token);
        }
        catch (Exception) when (!aborted.IsCancellationRequested)
        {
            // What cannot be checked is not valid.
            return null;
        }
    }

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
}
