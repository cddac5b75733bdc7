using System.Net;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Security;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Security;

public sealed class AuthenticationFailureTests
{
    private static readonly IPAddress Somebody = IPAddress.Parse("192.0.2.1");
    private readonly FakeClock _clock = new();

    [Fact]
    public void AnAddress_AtItsLimit_IsBlockedToTheEndOfTheMinuteAndNoLonger()
    {
        var failures = New(3);
        failures.Count(Somebody);
        _clock.Advance(TimeSpan.FromSeconds(20));
        failures.Count(Somebody);
        Assert.Null(failures.BlockedFor(Somebody));

        failures.Count(Somebody);

        Assert.Equal(TimeSpan.FromSeconds(40), failures.BlockedFor(Somebody));
        Assert.Null(failures.BlockedFor(IPAddress.Parse("192.0.2.2")));
        _clock.Advance(TimeSpan.FromSeconds(40));
        Assert.Null(failures.BlockedFor(Somebody));
    }

    [Fact]
    public void AddressesOfOneIPv6Network_CountTogether()
    {
        var failures = New(2);
        failures.Count(IPAddress.Parse("2001:db8::1"));
        failures.Count(IPAddress.Parse("2001:db8::2"));
        Assert.NotNull(failures.BlockedFor(IPAddress.Parse("2001:db8::3")));
        Assert.Null(failures.BlockedFor(IPAddress.Parse("2001:db8:0:1::1")));
    }

    [Fact]
    public void AFloodOfAddresses_DoesNotGrowWithoutEnd()
    {
        var failures = New(1);
        for (var i = 0; i < 100_000; i++)
            failures.Count(new IPAddress(i + 16_777_216L));
        Assert.NotNull(failures.BlockedFor(new IPAddress(99_999 + 16_777_216L)));
    }

    [Fact]
    public async Task AnAddressThatGuessesKeys_IsNotAnsweredEvenWithARightOne()
    {
        await using var host = await GatewayHost.StartAsync(new OrleansChatOptions
        {
            ApiKeys = [new ApiKeyOptions { Id = "a", Secret = "sk-a" }],
            Gateway = new GatewayOptions { MaxAuthenticationFailuresPerMinute = 3 },
        });
        Assert.Equal(HttpStatusCode.OK, await AskAsync(host, "sk-a"));
        for (var i = 0; i < 3; i++)
            Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(host, $"guess-{i}"));

        Assert.Equal(HttpStatusCode.TooManyRequests, await AskAsync(host, "guess-4"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await AskAsync(host, "sk-a"));
    }

    private static async Task<HttpStatusCode> AskAsync(GatewayHost host, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models") { Headers = { { "x-api-key", key } } };
        using var response = await host.Client.SendAsync(request);
        return response.StatusCode;
    }

    private AuthenticationFailures New(int most) =>
        new(Options.Create(new OrleansChatOptions { Gateway = new GatewayOptions { MaxAuthenticationFailuresPerMinute = most } }), _clock);
}
