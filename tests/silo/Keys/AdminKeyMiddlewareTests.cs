using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Security;
using OrleansChat.Silo.Keys;

namespace OrleansChat.Silo.Tests.Keys;

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
        using var keys = new Callers(WithKeys);
        await new AdminKeyMiddleware(_ => Task.CompletedTask, keys.All).InvokeAsync(context);

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

    [Fact]
    public async Task AKeyMadeAtRunTime_OpensItIfItIsAnAdmins()
    {
        string[] secrets = [KeySecret.Create(), KeySecret.Create(), KeySecret.Create()];
        IssuedKey[] issued =
        [
            Issued("ops", secrets[0], admin: true), Issued("app", secrets[1], admin: false), Issued("gone", secrets[2], admin: true) with { RevokedAt = DateTimeOffset.UnixEpoch },
        ];

        Assert.Equal(StatusCodes.Status200OK, await AskAsync(WithKeys, "x-api-key", secrets[0], issued: issued));
        Assert.Equal(StatusCodes.Status200OK, await AskAsync(WithKeys, "Authorization", $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($":{secrets[0]}"))}", issued: issued));
        Assert.Equal(StatusCodes.Status403Forbidden, await AskAsync(WithKeys, "x-api-key", secrets[1], issued: issued));
        Assert.Equal(StatusCodes.Status401Unauthorized, await AskAsync(WithKeys, "x-api-key", secrets[2], issued: issued));
        Assert.Equal(StatusCodes.Status401Unauthorized, await AskAsync(WithKeys, "x-api-key", KeySecret.Create(), issued: issued));
    }

    [Fact]
    public async Task AKeyMadeAtRunTime_WhileTheClusterCannotBeAsked_OpensNothing() =>
        Assert.Equal(StatusCodes.Status401Unauthorized, await AskAsync(WithKeys, "x-api-key", KeySecret.Create()));

    [Fact]
    public async Task APageOfAnotherSite_ThatThisMachinesBrowserShows_IsNotThisMachine()
    {
        var context = new DefaultHttpContext { Connection = { RemoteIpAddress = IPAddress.Loopback } };
        context.Request.Host = new HostString("rebound.example");
        using var keys = new Callers(new OrleansChatOptions());
        await new AdminKeyMiddleware(_ => Task.CompletedTask, keys.All).InvokeAsync(context);
        Assert.Equal(StatusCodes.Status401Unauthorized, context.Response.StatusCode);
    }

    [Fact]
    public async Task WhoGuessesKeys_IsNotAnsweredForTheRestOfTheMinute_EvenWithARightOne()
    {
        using var keys = new Callers(WithKeys with { Gateway = new GatewayOptions { MaxAuthenticationFailuresPerMinute = 3 } });
        for (var i = 0; i < 3; i++)
            Assert.Null(await keys.All.FindAsync(Presenting("wrong")));
        Assert.Null(await keys.All.FindAsync(Presenting("ann-secret")));
    }

    private static DefaultHttpContext Presenting(string key)
    {
        var context = new DefaultHttpContext { Connection = { RemoteIpAddress = IPAddress.Parse("192.0.2.7") } };
        context.Request.Headers["x-api-key"] = key;
        return context;
    }

    private static IssuedKey Issued(string id, string secret, bool admin) =>
        new() { Key = new ApiKey { Id = id, Admin = admin }, SecretHash = KeySecret.Hash(secret), CreatedAt = DateTimeOffset.UnixEpoch };

    private sealed class Callers : IDisposable
    {
        private readonly KeyWatch _watch;
        private readonly KeyRing _ring;

        public Callers(OrleansChatOptions options, params IssuedKey[] issued)
        {
            var settings = new FixedSettings(options);
            _watch = new KeyWatch(UnreachableActors.Create(), settings, TimeProvider.System, NullLogger<KeyWatch>.Instance);
            if (issued.Length > 0)
                _watch.Learn(new KeyList(1, issued, []));
            _ring = new KeyRing(settings, _watch, TimeProvider.System);
            All = new SiloCallers(_ring, new AuthenticationFailures(Options.Create(options), TimeProvider.System), TimeProvider.System);
        }

        public SiloCallers All { get; }

        public void Dispose()
        {
            _ring.Dispose();
            _watch.Dispose();
        }
    }

    private static async Task<int> AskAsync(OrleansChatOptions options, string header, string value, string address = "127.0.0.1", params IssuedKey[] issued)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(address);
        context.Request.Host = new HostString("localhost");
        context.Request.Headers[header] = value;
        using var keys = new Callers(options, issued);
        await new AdminKeyMiddleware(_ => Task.CompletedTask, keys.All).InvokeAsync(context);
        return context.Response.StatusCode;
    }
}
