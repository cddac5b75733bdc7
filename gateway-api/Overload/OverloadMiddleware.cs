using Microsoft.AspNetCore.Http;
using OrleansChat.Core.Health;
using OrleansChat.Core.Upstreams;
using OrleansChat.GatewayApi.Answers;
using OrleansChat.GatewayApi.Correlation;
using OrleansChat.GatewayApi.Problems;
using OrleansChat.GatewayApi.Security;

namespace OrleansChat.GatewayApi.Overload;

/// <summary>
/// Turns requests away at once while the server is busy, before anything else is done for them: neither log nor key nor body is looked at. Routes by which an operator looks
/// and acts are always answered.
/// </summary>
internal sealed class OverloadMiddleware(RequestDelegate next, LoadGate gate, NewIds ids)
{
    private static readonly PathString Calls = "/v1";

    private static readonly PathString[] Always =
    [
        "/health", "/live", "/ready", "/metrics", "/api/breakers", "/api/keys", "/api/incidents", "/api/limits", "/api/usage", "/api/flags", "/api/backup",
    ];

    /// <summary>Routes whose work asks upstreams deep within; the others say themselves when they wait.</summary>
    private static readonly PathString[] Searches = ["/api/search", "/api/find-code", "/api/collections"];

    public Task InvokeAsync(HttpContext context)
    {
        if (IsUnder(context, Always))
            return next(context);

        return gate.TryEnter(out var work, out var turn) switch
        {
            true => WorkAsync(context, work),
            false => RefuseAsync(context),
            null => WaitAsync(context, work, turn!),
        };
    }

    private static bool IsUnder(HttpContext context, PathString[] roots)
    {
        var path = context.Request.Path;
        if (path.StartsWithSegments(Calls, StringComparison.Ordinal))
            return false;
        foreach (var root in roots)
        {
            if (path.StartsWithSegments(root, StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    private async Task WaitAsync(HttpContext context, RequestWork work, Task<bool> turn)
    {
        if (await turn)
        {
            await WorkAsync(context, work);
            return;
        }

        gate.GiveUp(work);
        await RefuseAsync(context);
    }

    private async Task WorkAsync(HttpContext context, RequestWork work)
    {
        context.Features.Set(work);
        if (IsUnder(context, Searches))
            UpstreamWait.Current = work;
        var isDone = false;
        try
        {
            await next(context);
            isDone = context.Response.StatusCode < StatusCodes.Status400BadRequest;
        }
        finally
        {
            gate.Leave(work, isDone);
        }
    }

    private Task RefuseAsync(HttpContext context)
    {
        CorrelationMiddleware.Name(context, ids);
        SecurityHeaders.Add(context);
        context.Response.Headers[FallbackHeader.Name] = Fallbacks.Shedding;
        return ProblemWriter.WriteAsync(context, LoadGate.Busy);
    }
}
