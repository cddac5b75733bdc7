namespace OrleansChat.Silo.Keys;

/// <summary>Lets admin keys pass. Who presents no valid key is asked for one (401); a key without the right is refused (403).</summary>
internal sealed class AdminKeyMiddleware(RequestDelegate next, SiloCallers callers)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var caller = await callers.FindAsync(context);
        if (caller is { Admin: true })
        {
            await next(context);
            return;
        }

        context.Response.StatusCode = caller is null ? StatusCodes.Status401Unauthorized : StatusCodes.Status403Forbidden;
        context.Response.Headers.WWWAuthenticate = "Basic realm=\"OrleansChat admin key as password\"";
    }
}

/// <summary>Asks for admin keys.</summary>
internal static class AdminKeys
{
    /// <summary>Only admin keys may use the routes below a path.</summary>
    /// <param name="application">The application.</param>
    /// <param name="path">The path.</param>
    public static void RequireAdminKey(this IApplicationBuilder application, string path) => application.UseWhen(
        context => context.Request.Path.StartsWithSegments(path, StringComparison.OrdinalIgnoreCase),
        static guarded => guarded.UseMiddleware<AdminKeyMiddleware>());
}
