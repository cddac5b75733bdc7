using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;

namespace OrleansChat.GatewayApi.Keys;

/// <summary>Finds out who calls, before any endpoint that is not open to all runs.</summary>
internal sealed class KeyMiddleware(RequestDelegate next, CallerIdentity callers)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint() is not { } endpoint || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null)
            return next(context);
        if (endpoint.Metadata.GetMetadata<OptionalKey>() is not null)
            return GoOnAsync(context, endpoint, callers.TryIdentifyAsync(context));

        // Keys of settings are known at once.
        var finding = callers.IdentifyAsync(context);
        return finding.IsCompletedSuccessfully ? GoOn(context, endpoint, finding.GetAwaiter().GetResult()) : GoOnAsync(context, endpoint, finding!);
    }

    private async Task GoOnAsync(HttpContext context, Endpoint endpoint, ValueTask<ApiKey?> finding)
    {
        if (await finding is { } key)
            await GoOn(context, endpoint, key);
        else
            await next(context);
    }

    private Task GoOn(HttpContext context, Endpoint endpoint, ApiKey key)
    {
        if (!key.Admin && endpoint.Metadata.GetMetadata<AdminOnly>() is not null)
            throw new RequestException(Problem.Of(ProblemCode.Forbidden, $"Key '{key.Id}' is not an admin key.", "Use a key with \"Admin\": true."));

        context.Features.Set(key);
        return next(context);
    }
}
