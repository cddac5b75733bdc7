using System.Net.Http.Json;
using System.Text.Json;
using OrleansChat.Core.Caching;
using OrleansChat.Core.Flags;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Caching;

/// <summary>The flag <c>answer-cache</c> over keys and models that opted in to the cache.</summary>
public sealed class CacheFlagTests : IAsyncLifetime
{
    private const int Keys = 12;

    private static readonly (string?, string?) Kept = ("miss", "hit");
    private static readonly (string?, string?) Silent = (null, null);

    private ScriptedUpstream _upstream = null!;

    public async Task InitializeAsync() => _upstream = await ScriptedUpstream.StartAsync();

    public async Task DisposeAsync() => await _upstream.DisposeAsync();

    [Theory]
    [InlineData("own", "default")]
    [InlineData("plain", "cached")]
    public async Task FlagThatIsOff_SilencesTheCache_OfWhoeverOptedIn(string key, string model)
    {
        await using var host = await StartAsync(new FlagOptions { Id = FeatureFlags.AnswerCache, On = false, Percent = 100 });
        Assert.Equal(Silent, await AskTwiceAsync(host, key, model));
        Assert.Equal(2, _upstream.Requests.Count);
        Assert.False(await ShownAsync(host, key));
    }

    [Theory]
    [InlineData("own", "default")]
    [InlineData("plain", "cached")]
    public async Task FlagThatIsOn_LeavesTheCacheAsItIs(string key, string model)
    {
        await using var host = await StartAsync(new FlagOptions { Id = FeatureFlags.AnswerCache, On = true, Percent = 100 });
        Assert.Equal(Kept, await AskTwiceAsync(host, key, model));
        Assert.Single(_upstream.Requests);
        Assert.True(await ShownAsync(host, key));
    }

    [Fact]
    public async Task FlagThatIsOff_LeavesTheCacheToTheKeysThatItNames()
    {
        await using var host = await StartAsync(new FlagOptions { Id = FeatureFlags.AnswerCache, Keys = ["own"] });
        Assert.Equal(Kept, await AskTwiceAsync(host, "own"));
        Assert.Equal(Silent, await AskTwiceAsync(host, "own-0"));
    }

    [Fact]
    public async Task Flag_OpensNoCacheToWhoeverDidNotOptIn()
    {
        await using var host = await StartAsync(new FlagOptions { Id = FeatureFlags.AnswerCache, On = true, Percent = 100, Keys = ["plain"] });
        Assert.Equal(Silent, await AskTwiceAsync(host, "plain"));
    }

    [Fact]
    public async Task FlagForAShare_IsDecidedByTheKey_AsItIsShown()
    {
        await using var host = await StartAsync(new FlagOptions { Id = FeatureFlags.AnswerCache, On = true, Percent = 50 });
        var withCache = 0;
        for (var i = 0; i < Keys; i++)
        {
            var isShown = await ShownAsync(host, $"own-{i}");
            withCache += isShown ? 1 : 0;
            foreach (var question in (string[])["one", "two"])
                Assert.Equal(isShown ? Kept : Silent, await AskTwiceAsync(host, $"own-{i}", question: question));
        }

        // A hash decides, and it is the same everywhere: with these ids the share is always this.
        Assert.InRange(withCache, 1, Keys - 1);
        Assert.Equal((2 * withCache) + (4 * (Keys - withCache)), _upstream.Requests.Count);
    }

    private static async Task<(string?, string?)> AskTwiceAsync(GatewayHost host, string key, string model = "default", string question = "Hi") =>
        (await AskAsync(host, key, model, question), await AskAsync(host, key, model, question));

    private static async Task<string?> AskAsync(GatewayHost host, string key, string model, string question)
    {
        var body = new { model, messages = new[] { new { role = "user", content = question } } };
        using var response = await host.SendAsync(HttpMethod.Post, "/v1/chat/completions", $"sk-{key}", body);
        response.EnsureSuccessStatusCode();
        return response.Headers.TryGetValues("x-orleanschat-cache", out var values) ? values.Single() : null;
    }

    private static async Task<bool> ShownAsync(GatewayHost host, string key)
    {
        using var response = await host.SendAsync(HttpMethod.Get, "/api/flags", $"sk-{key}");
        var flags = await response.Content.ReadFromJsonAsync<JsonElement>();
        return flags.GetProperty("items").EnumerateArray().Single().GetProperty("on").GetBoolean();
    }

    private Task<GatewayHost> StartAsync(FlagOptions flag)
    {
        var settings = GatewayHost.With(_upstream.BaseUrl);
        return GatewayHost.StartAsync(settings with
        {
            Flags = [flag],
            ApiKeys =
            [
                new ApiKeyOptions { Id = "plain", Secret = "sk-plain" },
                new ApiKeyOptions { Id = "own", Secret = "sk-own", Cache = CacheScope.Key },
                .. Enumerable.Range(0, Keys).Select(i => new ApiKeyOptions { Id = $"own-{i}", Secret = $"sk-own-{i}", Cache = CacheScope.Key }),
            ],
            Models = [settings.Models[0], settings.Models[0] with { Id = "cached", Cache = CacheScope.Key }],
        });
    }
}
