using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Keys;

public sealed class RuntimeKeyTests
{
    private static readonly OrleansChatOptions Settings = new()
    {
        ApiKeys = [new ApiKeyOptions { Id = "boss", Secret = "sk-boss", Admin = true }, new ApiKeyOptions { Id = "plain", Secret = "sk-plain" }],
        Teams = [new TeamOptions { Id = "a" }],
    };

    [Fact]
    public async Task Create_ShowsTheSecretOnce_AndTheKeyWorksAtOnce()
    {
        await using var host = await GatewayHost.StartAsync(Settings);
        using var created = await host.SendAsync(HttpMethod.Post, "/api/keys", "sk-boss", new { id = "ci", team = "a", limits = new { requestsPerMinute = 5 } });
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var secret = (await created.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").GetString()!;
        Assert.Matches("^oc-[A-Za-z0-9_-]{43}$", secret);

        using var limits = await host.SendAsync(HttpMethod.Get, "/api/limits", secret);
        Assert.Equal("key:ci", (await limits.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("scopes")[0].GetProperty("scope").GetString());

        using var list = await host.SendAsync(HttpMethod.Get, "/api/keys", "sk-boss");
        var text = await list.Content.ReadAsStringAsync();
        Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-", text, StringComparison.Ordinal);
        var lines = JsonElement.Parse(text).GetProperty("items").EnumerateArray().Select(line => (line.GetProperty("id").GetString(), line.GetProperty("source").GetString()));
        Assert.Equal([("boss", "settings"), ("plain", "settings"), ("ci", "api")], lines);
    }

    [Fact]
    public async Task Rotate_ReplacesTheSecret_WithAndWithoutOverlap()
    {
        await using var host = await GatewayHost.StartAsync(Settings);
        var first = await CreateAsync(host, new { id = "ci" });
        var second = await SecretAsync(host, "/api/keys/ci/rotate", new { });
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, first));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, second));
        var third = await SecretAsync(host, "/api/keys/ci/rotate", new { overlapSeconds = 0 });
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(host, second));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(host, first));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, third));
    }

    [Fact]
    public async Task Revoke_EndsTheKeyAtOnceAndForGood()
    {
        await using var host = await GatewayHost.StartAsync(Settings);
        var secret = await CreateAsync(host, new { id = "ci" });
        using var revoked = await host.SendAsync(HttpMethod.Delete, "/api/keys/ci", "sk-boss");
        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(host, secret));
        using var again = await host.SendAsync(HttpMethod.Post, "/api/keys", "sk-boss", new { id = "ci" });
        Assert.Equal(HttpStatusCode.BadRequest, again.StatusCode);
    }

    [Fact]
    public async Task Patch_ChangesWhatItMentions_AndNullTakesAway()
    {
        await using var host = await GatewayHost.StartAsync(Settings);
        var secret = await CreateAsync(host, new { id = "ci", team = "a", budget = new { usd = 2.5, window = "day" } });
        using var patched = await host.SendAsync(HttpMethod.Patch, "/api/keys/ci", "sk-boss", new { admin = true, budget = (object?)null });
        var key = await patched.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("a", key.GetProperty("team").GetString());
        Assert.Equal(JsonValueKind.Null, key.GetProperty("budget").ValueKind);
        using var asAdmin = await host.SendAsync(HttpMethod.Get, "/api/keys", secret);
        Assert.Equal(HttpStatusCode.OK, asAdmin.StatusCode);
    }

    [Fact]
    public async Task Patch_OfALimit_HoldsFromTheNextRequestOn()
    {
        var clock = new FakeClock();
        await using var host = await GatewayHost.StartAsync(Settings, services => services.AddSingleton<TimeProvider>(clock));
        var secret = await CreateAsync(host, new { id = "ci", limits = new { requestsPerMinute = 2 } });
        Assert.Equal(HttpStatusCode.OK, await AskAsync());

        await LimitAsync(1);
        Assert.Equal(HttpStatusCode.TooManyRequests, await AskAsync());

        await LimitAsync(3);
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests], [await AskAsync(), await AskAsync(), await AskAsync()]);

        await LimitAsync(null);
        Assert.Equal(HttpStatusCode.OK, await AskAsync());

        async Task<HttpStatusCode> AskAsync()
        {
            using var response = await ChatAsync(host, secret, "default");
            return response.StatusCode;
        }

        async Task LimitAsync(int? requestsPerMinute)
        {
            using var patched = await host.SendAsync(HttpMethod.Patch, "/api/keys/ci", "sk-boss", new { limits = new { requestsPerMinute } });
            Assert.Equal(HttpStatusCode.OK, patched.StatusCode);
        }
    }

    [Fact]
    public async Task Expiry_EndsTheKeyFromThatMomentOn()
    {
        var clock = new FakeClock();
        await using var host = await GatewayHost.StartAsync(Settings, services => services.AddSingleton<TimeProvider>(clock));
        var secret = await CreateAsync(host, new { id = "ci", expiresAt = clock.GetUtcNow() + TimeSpan.FromHours(1) });

        clock.Advance(TimeSpan.FromHours(1) - TimeSpan.FromTicks(1));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, secret));
        clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(host, secret));
        using (var chat = await ChatAsync(host, secret, "default"))
            Assert.Equal(HttpStatusCode.Unauthorized, chat.StatusCode);

        using (var patched = await host.SendAsync(HttpMethod.Patch, "/api/keys/ci", "sk-boss", new { expiresAt = clock.GetUtcNow() + TimeSpan.FromSeconds(1) }))
            Assert.Equal(HttpStatusCode.OK, patched.StatusCode);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, secret));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(host, secret));
    }

    [Theory]
    [InlineData("POST", "/api/keys", """{"id":"boss"}""", HttpStatusCode.BadRequest)]
    [InlineData("POST", "/api/keys", """{"id":"a b"}""", HttpStatusCode.BadRequest)]
    [InlineData("POST", "/api/keys", """{"id":"System"}""", HttpStatusCode.BadRequest)]
    [InlineData("POST", "/api/keys", """{"id":".."}""", HttpStatusCode.BadRequest)]
    [InlineData("POST", "/api/keys", """{"id":"."}""", HttpStatusCode.BadRequest)]
    [InlineData("POST", "/api/keys", """{"expiresAt":"11/12/2100"}""", HttpStatusCode.BadRequest)]
    [InlineData("POST", "/api/keys", """{"team":"nobody"}""", HttpStatusCode.BadRequest)]
    [InlineData("POST", "/api/keys", """{"models":["none"]}""", HttpStatusCode.BadRequest)]
    [InlineData("POST", "/api/keys", """{"limits":{"requestsPerMinute":-1}}""", HttpStatusCode.BadRequest)]
    [InlineData("POST", "/api/keys", """{"budget":{}}""", HttpStatusCode.BadRequest)]
    [InlineData("POST", "/api/keys", """{"expiresAt":"2001-01-01T00:00:00Z"}""", HttpStatusCode.BadRequest)]
    [InlineData("PATCH", "/api/keys/boss", """{"admin":false}""", HttpStatusCode.BadRequest)]
    [InlineData("DELETE", "/api/keys/plain", "{}", HttpStatusCode.BadRequest)]
    [InlineData("PATCH", "/api/keys/nobody", "{}", HttpStatusCode.NotFound)]
    public async Task WrongRequest_IsRefusedWithAProblem(string method, string path, string body, HttpStatusCode status)
    {
        await using var host = await GatewayHost.StartAsync(Settings);
        using var response = await host.SendAsync(new HttpMethod(method), path, "sk-boss", JsonElement.Parse(body));
        Assert.Equal(status, response.StatusCode);
        Assert.NotEqual("", (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData("limits", """{"requestsPerMinute":1e30}""")]
    [InlineData("limits", """{"requestsPerMinute":1.5}""")]
    [InlineData("limits", """{"requestsPerMinute":"5"}""")]
    [InlineData("limits", """{"tokensPerMinute":1000000000001}""")]
    [InlineData("limits", """{"maxConcurrent":-1}""")]
    [InlineData("limits", """{"maxTokensPerRequest":1e18}""")]
    [InlineData("limits", """{"pacing":"smooth"}""")]
    [InlineData("limits", """{"burst":5}""")]
    [InlineData("limits", """{"maxWaitSeconds":-1}""")]
    [InlineData("limits", """{"maxWaitSeconds":1e9}""")]
    [InlineData("limits", """{"maxWait":"5"}""")]
    [InlineData("limits", """{"maxWait":"-00:00:05"}""")]
    [InlineData("limits", """{"maxWait":"00:00:05","maxWaitSeconds":5}""")]
    [InlineData("limits", """{"requestsPerMin":5}""")]
    [InlineData("limits", """7""")]
    [InlineData("budget", """{"usd":-0.01}""")]
    [InlineData("budget", """{"usd":1e30}""")]
    [InlineData("budget", """{"usd":"5"}""")]
    [InlineData("budget", """{"usd":1,"window":"year"}""")]
    [InlineData("budget", """{"usd":1,"thresholds":[0]}""")]
    [InlineData("budget", """{"usd":1,"thresholds":[80,80]}""")]
    [InlineData("budget", """{"usd":1,"thresholds":[1e30]}""")]
    [InlineData("budget", """{"usd":1,"freeTokens":{"default":-1}}""")]
    [InlineData("budget", """{"usd":1,"freeTokens":{"default":1e30}}""")]
    [InlineData("budget", """{"usd":1,"windows":"day"}""")]
    [InlineData("budget", """[]""")]
    [InlineData("budgets", """{"usd":1}""")]
    public async Task NumberThatCannotBe_IsRefused_AndTheKeyStaysAsItIs(string field, string value)
    {
        await using var host = await GatewayHost.StartAsync(Settings);
        await CreateAsync(host, new { id = "ci", limits = new { requestsPerMinute = 7 }, budget = new { usd = 3 } });
        var body = JsonElement.Parse($$"""{"{{field}}":{{value}} }""");
        using var created = await host.SendAsync(HttpMethod.Post, "/api/keys", "sk-boss", body);
        using var changed = await host.SendAsync(HttpMethod.Patch, "/api/keys/ci", "sk-boss", body);
        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (created.StatusCode, changed.StatusCode));
        Assert.Contains(field, (await changed.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString(), StringComparison.Ordinal);

        using var list = await host.SendAsync(HttpMethod.Get, "/api/keys", "sk-boss");
        var keys = (await list.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(3, keys.Count);
        Assert.Equal((7, 3m), (keys[2].GetProperty("limits").GetProperty("requestsPerMinute").GetInt32(), keys[2].GetProperty("budget").GetProperty("usd").GetDecimal()));
    }

    [Fact]
    public async Task Line_SentBackAsItCame_ChangesNothing()
    {
        await using var host = await GatewayHost.StartAsync(Settings);
        await CreateAsync(host, new
        {
            id = "ci",
            team = "a",
            limits = new { requestsPerMinute = 7, pacing = "smooth", burst = 3, maxWaitSeconds = 2.5 },
            budget = new { usd = 3, window = "week", thresholds = new[] { 50 }, freeTokens = new { @default = 100 } },
            models = new[] { "default" },
            upstreams = new[] { "builtin" },
            collections = new[] { "docs" },
            cache = "shared",
            logContent = true,
            expiresAt = "2100-01-31T12:00:00Z",
        });
        var before = await LineAsync(host, "ci");

        using var changed = await host.SendAsync(HttpMethod.Patch, "/api/keys/ci", "sk-boss", before);

        Assert.Equal((HttpStatusCode.OK, before.GetRawText()), (changed.StatusCode, (await LineAsync(host, "ci")).GetRawText()));
        Assert.Equal("00:00:02.5000000", before.GetProperty("limits").GetProperty("maxWait").GetString());
    }

    [Fact]
    public async Task OrdinaryKey_MayNotSeeKeys()
    {
        await using var host = await GatewayHost.StartAsync(Settings);
        using var response = await host.SendAsync(HttpMethod.Get, "/api/keys", "sk-plain");
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task RestrictedKey_IsRefusedOtherModelsAndUpstreams()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        var settings = GatewayHost.With(upstream.BaseUrl, Settings);
        settings = settings with { Models = [.. settings.Models, settings.Models[0] with { Id = "other" }] };
        await using var host = await GatewayHost.StartAsync(settings);
        var byModel = await CreateAsync(host, new { models = new[] { "other" } });
        var byUpstream = await CreateAsync(host, new { upstreams = new[] { "builtin" } });

        using var allowed = await ChatAsync(host, byModel, "other");
        using var model = await ChatAsync(host, byModel, "default");
        using var route = await ChatAsync(host, byUpstream, "other");
        using var turn = await host.SendAsync(HttpMethod.Post, "/chat", byModel, new { api_version = "v1", message = "Hi", session_id = "s" });
        Assert.Equal(HttpStatusCode.OK, allowed.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, model.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, route.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, turn.StatusCode);
        Assert.Contains("'default'", await model.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        using var models = await host.SendAsync(HttpMethod.Get, "/v1/models", byModel);
        Assert.Equal("other", Assert.Single((await models.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data").EnumerateArray()).GetProperty("id").GetString());
    }

    [Fact]
    public async Task KeyBoundToAnUpstream_IsAnsweredByThatOneAlone()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        await using var host = await GatewayHost.StartAsync(GatewayHost.WithStandIn(upstream.BaseUrl, Settings));
        var secret = await CreateAsync(host, new { upstreams = new[] { "builtin" } });
        using var stateless = await ChatAsync(host, secret, "default");
        using var turn = await host.SendAsync(HttpMethod.Post, "/chat", secret, new { api_version = "v1", message = "Hi", session_id = "s" });
        Assert.Equal(HttpStatusCode.OK, stateless.StatusCode);
        Assert.Equal(HttpStatusCode.OK, turn.StatusCode);
        Assert.Empty(upstream.Requests);
    }

    [Fact]
    public async Task NoKeyConfigured_ThisMachineStaysAdmin_ButNotByARevokedKey()
    {
        await using var host = await GatewayHost.StartAsync();
        using var created = await host.Client.PostAsJsonAsync("/api/keys", new { id = "ci" });
        var secret = (await created.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").GetString()!;
        using var asKey = await host.SendAsync(HttpMethod.Get, "/api/keys", secret);
        Assert.Equal(HttpStatusCode.Forbidden, asKey.StatusCode);
        using var revoked = await host.Client.DeleteAsync("/api/keys/ci");
        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(host, secret));
    }

    private static Task<HttpResponseMessage> ChatAsync(GatewayHost host, string secret, string model) =>
        host.SendAsync(HttpMethod.Post, "/v1/chat/completions", secret, new { model, messages = new[] { new { role = "user", content = "Hi" } } });

    private static Task<string> CreateAsync(GatewayHost host, object body) => SecretAsync(host, "/api/keys", body);

    private static async Task<JsonElement> LineAsync(GatewayHost host, string id)
    {
        using var list = await host.SendAsync(HttpMethod.Get, "/api/keys", "sk-boss");
        return (await list.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("items").EnumerateArray().Single(key => key.GetProperty("id").GetString() == id);
    }

    private static async Task<string> SecretAsync(GatewayHost host, string path, object body)
    {
        using var response = await host.SendAsync(HttpMethod.Post, path, "sk-boss", body);
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").GetString()!;
    }

    private static async Task<HttpStatusCode> StatusAsync(GatewayHost host, string secret)
    {
        using var response = await host.SendAsync(HttpMethod.Get, "/api/limits", secret);
        return response.StatusCode;
    }
}
