using Microsoft.AspNetCore.Http;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.GatewayApi.Security;
using OrleansChat.GatewayApi.Telemetry;

namespace OrleansChat.GatewayApi.Keys;

/// <summary>Finds out who calls, from the key that a request presents.</summary>
internal sealed class CallerIdentity(KeyRing ring, LocalCallers locals, AuthenticationFailures failures, GatewayMetrics metrics)
{
    private const string Bearer = "Bearer ";
    private const string KeyHeader = "x-api-key";

    /// <summary>Who calls, where nobody has to say.</summary>
    /// <returns>The key; null for anybody.</returns>
    public async ValueTask<ApiKey?> TryIdentifyAsync(HttpContext context)
    {
        if (!ring.IsEmpty && Presented(context.Request) is null)
            return null;
        try
        {
            // Nobody waits for the owner of the keys here: health is asked while it cannot be reached.
            return await IdentifyAsync(context, asksAnew: false);
        }
        catch (OrleansChatException)
        {
            return null;
        }
    }

    /// <summary>Who calls.</summary>
    /// <exception cref="RequestException">It is not known.</exception>
    public ValueTask<ApiKey> IdentifyAsync(HttpContext context) => IdentifyAsync(context, asksAnew: true);

    private async ValueTask<ApiKey> IdentifyAsync(HttpContext context, bool asksAnew)
    {
        var secret = Presented(context.Request);
        if (IsAnsweredWithoutKey(secret))
            return locals.Identify(context);
        if (secret is null)
        {
            metrics.Refused("missing");
            throw new RequestException(Problem.Of(
                ProblemCode.Unauthenticated, "The request carries no API key.", "Send 'Authorization: Bearer <key>' or 'x-api-key: <key>'."));
        }

        var address = context.Connection.RemoteIpAddress;
        if (failures.BlockedFor(address) is { } wait)
        {
            metrics.Refused("blocked");
            throw new RequestException(Problem.Of(
                ProblemCode.RateLimited, "This address has sent too many keys that are not known.", "Wait for the time given, and check the key.") with
            {
                Subject = "authentication",
                RetryAfterSeconds = wait.TotalSeconds,
            });
        }

        var found = asksAnew ? ring.SeekAsync(secret, context.RequestAborted) : ring.FindAsync(secret, context.RequestAborted);
        if (await found is { } key)
            return key;

        failures.Count(address);
        metrics.Refused("unknown");
        throw new RequestException(Problem.Of(
            ProblemCode.Unauthenticated, "The API key is not known here, or not valid any more.", "Check the key, or ask the operator for one."));
    }

    /// <summary>Who calls by a request that was let in before and goes on, as a socket's does: its key may have changed since, or be valid no more.</summary>
    /// <returns>The key as it is now; null where the request would not be let in any more.</returns>
    public async ValueTask<ApiKey?> RecallAsync(HttpContext context)
    {
        var secret = Presented(context.Request);
        if (!IsAnsweredWithoutKey(secret))
            return secret is null ? null : await ring.FindAsync(secret, context.RequestAborted);
        try
        {
            return locals.Identify(context);
        }
        catch (RequestException)
        {
            return null;
        }
    }

    // While no key is configured, this machine is let in whatever it sends, but never by a key that was made here and is not valid any more.
    private bool IsAnsweredWithoutKey(string? secret) => ring.IsEmpty && secret?.StartsWith(KeySecret.Prefix, StringComparison.Ordinal) is not true;

    private static string? Presented(HttpRequest request)
    {
        if (request.Headers.Authorization is [{ } authorization] && authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            return authorization[Bearer.Length..].Trim();
        return request.Headers[KeyHeader] is [{ Length: > 0 } key] ? key : null;
    }
}
