using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using OrleansChat.Core.Settings;
using OrleansChat.Silo.Dashboard;

namespace OrleansChat.Silo.Tests.Dashboard;

public sealed class AdminKeyMiddlewareTests
{
    private static readonly OrleansChatOptions WithKeys = new()
    {
        ApiKeys =
        [
            new ApiKeyOptions { Id = "user", Secret = "user-secret" },
            new ApiKeyOptions { Id = "ann", Secret = "ann-secret", Admin = true },
            new ApiKeyOptions { Id = "bob", Secret = "bob-secret", Admin = true },
        ],
    };

    [Theory]
    [InlineData("x-api-key", "ann-secret")]
    [InlineData("x-api-key", "bob-secret")]
    [InlineData("Authorization", "Bearer ann-secret")]
    [InlineData("Authorization", "bearer bob-secret")]
    [InlineData("Authorization", "Basic OmFubi1zZWNyZXQ=")]
    [InlineData("Authorization", "Basic YW55Ym9keTphbm4tc2VjcmV0")]
    public async Task AnAdminsKey_InEveryPlace_OpensTheDashboard(string header, string value)
    {
        Assert.Equal(StatusCodes.Status200OK, await AskAsync(WithKeys, header, value));
    }

    [Theory]
    [InlineData("x-api-key", "user-secret")]
    [InlineData("Authorization", "Bearer user-secret")]
    public async Task AKnownKeyThatIsNoAdmins_IsForbidden(string header, string value)
    {
        Assert.Equal(StatusCodes.Status403Forbidden, await AskAsync(WithKeys, header, value));
    }

    [Theory]
    [InlineData("x-api-key", "")]
    [InlineData("x-api-key", "ann-secret ")]
    [InlineData("x-api-key", "ANN-SECRET")]
    [InlineData("Authorization", "ann-secret")]
    [InlineData("Authorization", "Basic not base 64")]
    [InlineData("Authorization", "Basic YW5uLXNlY3JldA==")]
    [InlineData("Authorization", "Digest ann-secret")]
    [InlineData("Cookie", "x-api-key=ann-secret")]
    public async Task AnythingElse_IsAskedForAKey(string header, string value)
    {
        Assert.Equal(StatusCodes.Status401Unauthorized, await AskAsync(WithKeys, header, value));
    }

    [Fact]
    public async Task ABrowser_IsToldWhichPasswordIsWanted()
    {
        var context = new DefaultHttpContext();
        await new AdminKeyMiddleware(_ => Task.CompletedTask, WithKeys, TimeProvider.System).InvokeAsync(context);

        Assert.StartsWith("Basic realm=", context.Response.Headers.WWWAuthenticate.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1", StatusCodes.Status200OK)]
    [InlineData("::1", StatusCodes.Status200OK)]
    [InlineData("192.0.2.7", StatusCodes.Status401Unauthorized)]
    public async Task WithoutAnyKey_OnlyThisMachineIsAnswered(string address, int status)
    {
        Assert.Equal(status, await AskAsync(new OrleansChatOptions(), "Accept", "text/html", address));
    }

    [Fact]
    public async Task KeysWithoutAnAdmin_OpenItToNobody()
    {
        var options = new OrleansChatOptions { ApiKeys = [new ApiKeyOptions { Id = "user", Secret = "user-secret" }] };
        Assert.Equal(StatusCodes.Status403Forbidden, await AskAsync(options, "x-api-key", "user-secret"));
        Assert.Equal(StatusCodes.Status401Unauthorized, await AskAsync(options, "Authorization", $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(":"))}"));
    }

    private static async Task<int> AskAsync(OrleansChatOptions options, string header, string value, string address = "127.0.0.1")
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(address);
        context.Request.Headers[header] = value;
        await new AdminKeyMiddleware(_ => Task.CompletedTask, options, TimeProvider.System).InvokeAsync(context);
        return context.Response.StatusCode;
    }
}
