using System.Text.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using OrleansChat.GatewayApi.OpenApi;
using OrleansChat.GatewayApi.Tests.Hosting;

namespace OrleansChat.GatewayApi.Tests.OpenApi;

/// <summary>The description, held against the routes that the running application has.</summary>
public sealed class ApiCompletenessTests : IAsyncLifetime
{
    /// <summary>The page itself, and what speaks another protocol than HTTP with JSON.</summary>
    private static readonly string[] NotDescribed =
    [
        "DELETE /mcp", "GET /", "GET /mcp", "GET /openapi", "GET /openapi/page.css", "GET /openapi/page.js", "GET /openapi/{documentName}.json", "POST /mcp",
    ];

    /// <summary>Orders that say all by their address.</summary>
    private static readonly string[] WithoutABody =
    [
        "POST /api/breakers/{upstream}/reset", "POST /api/breakers/{upstream}/trip", "POST /api/collections/{name}/migrations/{id}/{command}",
        "POST /api/sessions/{id}/turns/{turnId}/cancel",
    ];

    private GatewayHost _host = null!;
    private Dictionary<string, JsonElement> _described = [];
    private ILookup<string, RouteEndpoint> _mapped = null!;

    public async Task InitializeAsync()
    {
        _host = await GatewayHost.StartAsync();
        _described = (await _host.GetAsync("/openapi/v1.json")).GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(operation => (Route: $"{operation.Name.ToUpperInvariant()} {path.Name}", operation.Value)))
            .ToDictionary(operation => operation.Route, operation => operation.Value, StringComparer.Ordinal);
        _mapped = MappedRoutes.Of(_host);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public void EveryRoute_IsDescribed_AndEveryDescriptionHasItsRoute() =>
        Assert.Equal(Sorted(_mapped.Select(route => route.Key).Except(NotDescribed)), Sorted(_described.Keys));

    [Fact]
    public void EveryRouteThatIsNotDescribed_IsThere() => Assert.All(NotDescribed, route => Assert.True(_mapped.Contains(route), route));

    [Fact]
    public void EveryRouteThatTakesABody_HasAnExampleOfIt()
    {
        var taking = Sorted(_mapped.Where(route => route.Any(endpoint => endpoint.Metadata.GetMetadata<IAcceptsMetadata>() is not null)).Select(route => route.Key));
        Assert.Equal(taking, Sorted(ApiExamples.Requests.Keys));
        Assert.All(taking, route => Assert.True(
            _described[route].TryGetProperty("requestBody", out var body) && body.GetProperty("content").GetProperty("application/json").TryGetProperty("example", out _), route));

        // A route that read a body without saying so would be missed above.
        Assert.Equal(Sorted(WithoutABody), Sorted(_described.Keys.Where(route => !route.StartsWith("GET ", StringComparison.Ordinal) && !route.StartsWith("DELETE ", StringComparison.Ordinal)).Except(taking)));
    }

    [Fact]
    public void ABodyThatMayBeLeftOut_IsNotCalledRequired()
    {
        Assert.False(IsRequired("POST /api/keys"));
        Assert.True(IsRequired("POST /api/sessions/{id}/turns"));

        bool IsRequired(string route) => _described[route].GetProperty("requestBody").TryGetProperty("required", out var required) && required.GetBoolean();
    }

    private static string[] Sorted(IEnumerable<string> routes) => [.. routes.Order(StringComparer.Ordinal)];
}
