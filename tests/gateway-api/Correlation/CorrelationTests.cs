using OrleansChat.GatewayApi.Tests.Hosting;

namespace OrleansChat.GatewayApi.Tests.Correlation;

public sealed class CorrelationTests
{
    private const string Header = "X-Correlation-ID";

    [Fact]
    public async Task Response_ToAValidId_CarriesIt()
    {
        await using var host = await GatewayHost.StartAsync();
        Assert.Equal("order 66/a", await SendAsync(host, "order 66/a"));
    }

    [Fact]
    public async Task Response_ToNoId_CarriesANewOneEachTime()
    {
        await using var host = await GatewayHost.StartAsync();
        var first = await SendAsync(host, null);
        Assert.True(Guid.TryParse(first, out _));
        Assert.NotEqual(first, await SendAsync(host, null));
    }

    [Theory]
    [InlineData("tab\there")]
    [InlineData("ümlaut")]
    public async Task Response_ToAnIdBeyondPrintableAscii_CarriesANewOne(string id)
    {
        await using var host = await GatewayHost.StartAsync();
        Assert.True(Guid.TryParse(await SendAsync(host, id), out _));
    }

    [Fact]
    public async Task Response_ToAnIdOf129Characters_CarriesANewOne()
    {
        await using var host = await GatewayHost.StartAsync();
        Assert.Equal(new string('a', 128), await SendAsync(host, new string('a', 128)));
        Assert.True(Guid.TryParse(await SendAsync(host, new string('a', 129)), out _));
    }

    private static async Task<string> SendAsync(GatewayHost host, string? id)
    {
        using var handler = new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => System.Text.Encoding.UTF8 };
        using var client = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(host.Address, "/live"));
        if (id is not null)
            request.Headers.TryAddWithoutValidation(Header, id);
        using var response = await client.SendAsync(request);
        return response.Headers.GetValues(Header).Single();
    }
}
