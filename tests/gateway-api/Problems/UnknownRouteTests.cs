using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OrleansChat.GatewayApi.Tests.Hosting;

namespace OrleansChat.GatewayApi.Tests.Problems;

public sealed class UnknownRouteTests
{
    [Fact]
    public async Task Get_UnknownRoute_IsANotFoundProblem()
    {
        await using var host = await GatewayHost.StartAsync();

        using var response = await host.Client.GetAsync("/nowhere");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("not_found", problem.GetProperty("code").GetString());
        Assert.Equal(404, problem.GetProperty("status").GetInt32());
        Assert.Equal(response.Headers.GetValues("X-Correlation-ID").Single(), problem.GetProperty("correlationId").GetString());
    }

    [Fact]
    public async Task Get_UnknownRouteBelowV1_HasOpenAIsShape()
    {
        await using var host = await GatewayHost.StartAsync();

        using var response = await host.Client.GetAsync("/v1/nowhere");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        var error = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error");
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
    }

    [Fact]
    public async Task Put_RouteThatDoesNotTakeIt_NamesTheMethodsThatItTakes()
    {
        await using var host = await GatewayHost.StartAsync();

        using var response = await host.Client.PutAsync("/live", null);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("invalid_request", problem.GetProperty("code").GetString());
        Assert.Contains("GET", problem.GetProperty("suggestions")[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_BodyThatIsNotJson_IsUnsupportedMediaType()
    {
        await using var host = await GatewayHost.StartAsync();

        using var response = await host.Client.PostAsync("/api/sessions", new StringContent("title=x"));

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Contains("application/json", problem.GetProperty("suggestions")[0].GetString(), StringComparison.Ordinal);
    }
}
