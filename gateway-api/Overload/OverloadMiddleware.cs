using Microsoft.AspNetCore.Http;
using OrleansChat.Core.Errors;
using OrleansChat.GatewayApi.Problems;

namespace OrleansChat.GatewayApi.Overload;

/// <summary>
/// Turns requests away at once while the server is busy, before they cost anything. Routes by which an operator looks and acts are always
/// answered.
/// </summary>
internal sealed class OverloadMiddleware(RequestDelegate next, LoadGate gate)
{
    private const double RetrySeconds = 1;

    private static readonly PathString[] Always =
    [
        "/health", "/live", "/ready", "/metrics", "/api/breakers", "/api/keys", "/api/incidents", "/api/limits", "/api/usage", "/api/flags", "/api/backup",
    ];

    public Task InvokeAsync(HttpContext context)
    {
        foreach (var path in Always)
        {
            if (context.Request.Path.StartsWithSegments(path, StringComparison.Ordinal))
                return next(context);
        }

        return gate.TryEnter() is null ? EnterAsync(context) : RefuseAsync(context);
    }

    private static Task RefuseAsync(HttpContext context) => ProblemWriter.WriteAsync(context, Problem.Of(
        ProblemCode.UpstreamUnavailable, "The server is busy and takes no more requests at the moment.", "Try again after the time given, and wait longer each time.") with
    {
        RetryAfterSeconds = RetrySeconds,
    });

    private async Task EnterAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        finally
        {
            gate.Leave();
        }
    }
}
