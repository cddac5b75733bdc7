using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OrleansChat.Core.Backups;
using OrleansChat.GatewayApi.Keys;

namespace OrleansChat.GatewayApi.Operation;

/// <summary><c>GET /api/backup</c>, for admin keys, where the host keeps its own state.</summary>
internal static class BackupRoutes
{
    private const string Archive = "application/x-tar";

    /// <summary>Maps the route, if there is something to copy.</summary>
    public static void MapBackup(this IEndpointRouteBuilder routes)
    {
        if (routes.ServiceProvider.GetService<IBackup>() is not { } backup)
            return;

        // A plain delegate: what is mapped as a request delegate is left out of the description.
        Delegate write = (HttpContext context) => WriteAsync(context, backup);
        routes.MapGet("/api/backup", write).WithTags("Operation").RequireAdmin().Produces(StatusCodes.Status200OK, contentType: Archive);
    }

    private static Task WriteAsync(HttpContext context, IBackup backup)
    {
        context.Response.ContentType = Archive;
        context.Response.Headers.ContentDisposition = "attachment; filename=\"orleanschat-backup.tar\"";
        context.Response.Headers.CacheControl = "no-store";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        return backup.WriteAsync(context.Response.Body, context.RequestAborted);
    }
}
