using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using OrleansChat.Core.Errors;

namespace OrleansChat.GatewayApi.Keys;

/// <summary>Finds out who calls, before any endpoint that is not open to all runs.</summary>
internal sealed class KeyMiddleware(RequestDelegate next, CallerIdentity callers)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint() is not { } endpoint || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null)
        {
            await next(context);
            return;
        }

        if (endpoint.Metadata.GetMetadata<OptionalKey>() is not null)
        {
            context.Features.Set(await callers.TryIdentifyAsync(context));
            await next(context);
            return;
        }

        var key = await callers.IdentifyAsync(context);
        if (!key.Admin && endpoint.Metadata.GetMetadata<AdminOnly>() is not null)
            throw new RequestException(Problem.Of(ProblemCode.Forbidden, $"Key '{key.Id}' is not an admin key.", "Use a key with \"Admin\": true."));

        context.Features.Set(key);
        await next(context);
    }
}
