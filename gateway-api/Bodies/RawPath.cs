using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace OrleansChat.GatewayApi.Bodies;

/// <summary>Reads ids that may hold slashes: the server leaves an escaped slash as it is, so it must be read before the server's decoding.</summary>
internal static class RawPath
{
    /// <summary>What follows a marker in the request's path, decoded once.</summary>
    /// <param name="context">The request.</param>
    /// <param name="marker">The marker, such as <c>/documents/</c>.</param>
    /// <param name="routed">What routing made of it, for targets that are not a path.</param>
    /// <returns>The rest of the path.</returns>
    public static string After(HttpContext context, string marker, string routed)
    {
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        var end = target.IndexOf('?', StringComparison.Ordinal);
        var path = end < 0 ? target : target[..end];
        var at = path.IndexOf(marker, StringComparison.OrdinalIgnoreCase);
        return at < 0 ? routed : Uri.UnescapeDataString(path[(at + marker.Length)..]);
    }
}
