using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OrleansChat.Core.Caching;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Caching;

public sealed class CacheTests : ScriptedGatewayTests
{
    private const string Header = "x-orleanschat-cache";

    private protected override OrleansChatOptions Options => new()
    {
        ApiKeys =
        [
            new ApiKeyOptions { Id = "boss", Secret = "sk-boss", Admin = true },
            new ApiKeyOptions { Id = "off", Secret = "sk-off" },
            new ApiKeyOptions { Id = "own", Secret = "sk-own", Cache = CacheScope.Key },
            new ApiKeyOptions { Id = "own2", Secret = "sk-own2", Cache = CacheScope.Key },
            new ApiKeyOptions { Id = "shared", Secret = "sk-shared", Cache = CacheScope.Shared },
            new ApiKeyOptions { Id = "shared2", Secret = "sk-shared2", Cache = CacheScope.Shared },
            new ApiKeyOptions { Id = "never", Secret = "sk-never", Cache = CacheScope.Off },
            new ApiKeyOptions { Id = "slow", Secret = "sk-slow", Cache = CacheScope.Key, Limits = new LimitOptions { RequestsPerMinute = 2 } },
        ],
    };

    private protected override OrleansChatOptions Adjust(OrleansChatOptions settings) =>
        settings with { Models = [settings.Models[0], settings.Models[0] with { Id = "cached", Cache = CacheScope.Key }] };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Hit_GivesTheSameBytes_CostsNothing_AndIsBookedWithWhatItSaved(bool stream)
    {
        Upstream.Enqueue(Reply.Pieces("one ", "two").WithUsage(1000, 500));
        var first = await ChatAsync("sk-own", stream: stream);
        var second = await ChatAsync("sk-own", stream: stream);
        Assert.Equal(("miss", "hit"), (first.Cache, second.Cache));
        Assert.Equal((first.Body, first.ContentType), (second.Body, second.ContentType));
        Assert.Single(Upstream.Requests);

        var total = (await UsageAsync("sk-own")).GetProperty("total");
        Assert.Equal((2, 1000), (total.GetProperty("requests").GetInt64(), total.GetProperty("inputTokens").GetInt64()));
        Assert.Equal((0.002m, 0.002m), (total.GetProperty("costUsd").GetDecimal(), total.GetProperty("savedUsd").GetDecimal()));
    }

    [Theory]
    [InlineData("sk-off", "sk-off", "default", null)]
    [InlineData("sk-own", "sk-own", "default", "hit")]
    [InlineData("sk-own", "sk-own2", "default", "miss")]
    [InlineData("sk-shared", "sk-shared2", "default", "hit")]
    [InlineData("sk-shared", "sk-own", "default", "miss")]
    [InlineData("sk-own", "sk-shared", "default", "miss")]
    [InlineData("sk-off", "sk-off", "cached", "hit")]
    [InlineData("sk-off", "sk-boss", "cached", "miss")]
    [InlineData("sk-never", "sk-never", "cached", null)]
    public async Task Answer_IsGivenToThoseAloneWhoShareIt(string first, string second, string model, string? cache)
    {
        await ChatAsync(first, model);
        Assert.Equal(cache, (await ChatAsync(second, model)).Cache);
        Assert.Equal(cache == "hit" ? 1 : 2, Upstream.Requests.Count);
    }

    [Fact]
    public async Task Request_IsTheSame_WhateverTheOrderOfItsFieldsAndItsSpace_AndNoOther()
    {
        string[] same = ["""{"model":"default","temperature":0,"messages":[{"role":"user","content":"Hé"}]}""", """ { "messages":[{"content":"H\u00e9","role":"user"}], "temperature":0,"model":"default" } """];
        string[] other = ["""{"model":"default","temperature":1,"messages":[{"role":"user","content":"Hé"}]}""", """{"model":"default","temperature":0,"messages":[{"role":"user","content":"hé"}]}"""];
        Assert.Equal("miss", await RawAsync(same[0]));
        Assert.Equal("hit", await RawAsync(same[1]));
        Assert.Equal("miss", await RawAsync(other[0]));
        Assert.Equal("miss", await RawAsync(other[1]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Repeat_RightAfterTheFirstAnswer_OverAnotherConnection_IsAHit(bool stream)
    {
        for (var i = 0; i < 50; i++)
        {
            var body = $$"""{"model":"default","stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":"Question {{i}}"}]}""";
            Assert.Equal(("miss", "hit"), (await RawAsync(body, isLast: true), await RawAsync(body, isLast: true)));
        }
    }

    [Fact]
    public async Task Failure_IsNotKept()
    {
        Upstream.Enqueue(Reply.Status(500));
        Assert.Equal(HttpStatusCode.BadGateway, (await ChatAsync("sk-own")).Status);
        Assert.Equal("miss", (await ChatAsync("sk-own")).Cache);
    }

    [Fact]
    public async Task StreamThatBreaks_IsNotKept()
    {
        Upstream.Enqueue(Reply.Pieces("one ", "two").CutAfter(1));
        await Assert.ThrowsAnyAsync<Exception>(() => ChatAsync("sk-own", stream: true));
        Assert.Equal("miss", (await ChatAsync("sk-own", stream: true)).Cache);
    }

    [Theory]
    [InlineData("no-cache", "miss")]
    [InlineData("no-store", null)]
    public async Task Client_MayPassTheCacheBy(string control, string? cache)
    {
        await ChatAsync("sk-own");
        Assert.Equal(cache, (await ChatAsync("sk-own", control: control)).Cache);
        Assert.Equal(2, Upstream.Requests.Count);
        Assert.Equal("hit", (await ChatAsync("sk-own")).Cache);
    }

    [Fact]
    public async Task Hit_CountsAgainstTheKeysLimits()
    {
        await ChatAsync("sk-slow");
        Assert.Equal("hit", (await ChatAsync("sk-slow")).Cache);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await ChatAsync("sk-slow")).Status);
    }

    [Fact]
    public async Task Hit_PassesWhereTheUpstreamsLimitsAreReached()
    {
        var settings = GatewayHost.With(Upstream.BaseUrl);
        await using var host = await GatewayHost.StartAsync(settings with
        {
            Upstreams = [settings.Upstreams[0] with { Limits = new LimitOptions { RequestsPerMinute = 1 } }],
            Models = [settings.Models[0] with { Cache = CacheScope.Key }],
        });
        var body = new { model = "default", messages = new[] { new { role = "user", content = "Hi" } } };
        for (var i = 0; i < 3; i++)
            await host.PostAsync("/v1/chat/completions", body);
        Assert.Single(Upstream.Requests);
    }

    [Fact]
    public async Task RuntimeKey_MayUseTheCache()
    {
        using var created = await Host.SendAsync(HttpMethod.Post, "/api/keys", "sk-boss", new { cache = "key" });
        var secret = (await created.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").GetString()!;
        await ChatAsync(secret);
        Assert.Equal("hit", (await ChatAsync(secret)).Cache);
    }

    private async Task<string?> RawAsync(string body, bool isLast = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = GatewayHost.Json(body) };
        request.Headers.Add("x-api-key", "sk-own");
        request.Headers.ConnectionClose = isLast;
        using var response = await Host.Client.SendAsync(request);
        return response.Headers.GetValues(Header).Single();
    }

    private async Task<JsonElement> UsageAsync(string secret)
    {
        using var response = await Host.SendAsync(HttpMethod.Get, "/api/usage", secret);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task<(HttpStatusCode Status, string? Cache, string Body, string? ContentType)> ChatAsync(
        string secret, string model = "default", bool stream = false, string? control = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = JsonContent.Create(new { model, stream, messages = new[] { new { role = "user", content = "Hi" } } }),
        };
        request.Headers.Add("x-api-key", secret);
        if (control is not null)
            request.Headers.Add("Cache-Control", control);
        using var response = await Host.Client.SendAsync(request);
        var cache = response.Headers.TryGetValues(Header, out var values) ? values.Single() : null;
        return (response.StatusCode, cache, await response.Content.ReadAsStringAsync(), response.Content.Headers.ContentType?.ToString());
    }
}
