using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;

namespace OrleansChat.GatewayApi.Keys;

/// <summary>Finds out who calls, before any endpoint that is not open to all runs.</summary>
internal sealed class KeyMiddleware(RequestDelegate next, KeyRing ring, LocalCallers locals)
{
    private const string Bearer = "Bearer ";
    private const string KeyHeader = "x-api-key";

    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint() is not { } endpoint || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null)
            return next(context);

        if (endpoint.Metadata.GetMetadata<OptionalKey>() is not null)
        {
            context.Features.Set(TryIdentify(context));
            return next(context);
        }

        var key = Identify(context);
        if (!key.Admin && endpoint.Metadata.GetMetadata<AdminOnly>() is not null)
            throw new RequestException(Problem.Of(ProblemCode.Forbidden, $"Key '{key.Id}' is not an admin key.", "Use a key with \"Admin\": true."));

        context.Features.Set(key);
        return next(context);
    }

    private ApiKey? TryIdentify(HttpContext context)
    {
        try
        {
            return Identify(context);
        }
        catch (RequestException)
        {
            return null;
        }
    }

    private ApiKey Identify(HttpContext context)
    {
        if (ring.IsEmpty)
            return locals.Identify(context);
        if (Presented(context.Request) is not { } secret)
        {
            throw new RequestException(Problem.Of(
                ProblemCode.Unauthenticated, "The request carries no API key.", "Send 'Authorization: Bearer <key>' or 'x-api-key: <key>'."));
        }

        return ring.Find(secret) ?? throw new RequestException(Problem.Of(
            ProblemCode.Unauthenticated, "The API key is not known here.", "Check the key, or ask the operator for one."));
    }

    private static string? Presented(HttpRequest request)
    {
        if (request.Headers.Authorization is [{ } authorization] && authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            return authorization[Bearer.Length..].Trim();
        return request.Headers[KeyHeader] is [{ Length: > 0 } key] ? key : null;
    }
}
