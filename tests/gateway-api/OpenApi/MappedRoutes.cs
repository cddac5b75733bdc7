using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OrleansChat.GatewayApi.Tests.Hosting;

namespace OrleansChat.GatewayApi.Tests.OpenApi;

/// <summary>The routes that a running application has, named as its description names them: <c>GET /api/sessions/{id}</c>.</summary>
internal static partial class MappedRoutes
{
    public static ILookup<string, RouteEndpoint> Of(GatewayHost host) => host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .SelectMany(endpoint => MethodsOf(endpoint).Select(method => (Route: $"{method} {PathOf(endpoint)}", Endpoint: endpoint)))
        .ToLookup(mapped => mapped.Route, mapped => mapped.Endpoint, StringComparer.Ordinal);

    // OpenAPI has no word for CONNECT, by which HTTP/2 opens sockets.
    private static IEnumerable<string> MethodsOf(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods.Where(method => method != "CONNECT");

    private static string PathOf(RouteEndpoint endpoint) =>
        Parameter().Replace("/" + endpoint.RoutePattern.RawText!.Trim('/'), "{$1}");

    [GeneratedRegex(@"\{\**(\w+)[^}]*\}")]
    private static partial Regex Parameter();
}
