using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OrleansChat.Core.Caching;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Anthropic;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Idempotency;

/// <summary>Idempotency keys and cached answers on every route of <c>/v1</c> that answers.</summary>
public sealed class IdempotentRouteTests
{
    private const string Key = "Idempotency-Key";
    private const string Replayed = "Idempotent-Replayed";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static TheoryData<string, string> Answers => new()
    {
        { "/v1/chat/completions", """{"model":"default","messages":[{"role":"user","content":"Hi"}]}""" },
        { "/v1/chat/completions", """{"model":"default","stream":true,"messages":[{"role":"user","content":"Hi"}]}""" },
        { "/v1/messages", """{"model":"default","max_tokens":64,"messages":[{"role":"user","content":"Hi"}]}""" },
        { "/v1/messages", """{"model":"default","max_tokens":64,"stream":true,"messages":[{"role":"user","content":"Hi"}]}""" },
        { "/v1/responses", """{"model":"default","input":"Hi"}""" },
        { "/v1/responses", """{"model":"default","stream":true,"input":"Hi"}""" },
        { "/v1/embeddings", """{"model":"default","input":"Hi"}""" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Repeat_GetsTheFirstAnswerToTheByte_AndIsSentAndBilledOnce(string route, string body)
    {
        await using var host = await MessagesHost.StartAsync(UpstreamKind.OpenAI);
        using var first = await host.SendAsync(body, route, (Key, "k"));
        var answered = await first.Content.ReadAsStringAsync();
        using var second = await host.SendAsync(body, route, (Key, "k"));

        Assert.Equal((HttpStatusCode.OK, first.StatusCode), (second.StatusCode, HttpStatusCode.OK));
        Assert.Equal(answered, await second.Content.ReadAsStringAsync());
        Assert.Equal(first.Content.Headers.ContentType, second.Content.Headers.ContentType);
        Assert.True(second.Headers.Contains(Replayed));
        Assert.Single(host.Upstream.Requests);
        Assert.Equal(1, (await host.Gateway.GetAsync("/api/usage")).GetProperty("total").GetProperty("requests").GetInt64());
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task AnotherBody_UnderTheSameKey_IsRefusedInTheRoutesShape(string route, string body)
    {
        await using var host = await MessagesHost.StartAsync(UpstreamKind.OpenAI);
        using var first = await host.SendAsync(body, route, (Key, "k"));
        await first.Content.ReadAsStringAsync();
        using var second = await host.SendAsync(body.Replace("Hi", "Ho", StringComparison.Ordinal), route, (Key, "k"));

        Assert.Equal(HttpStatusCode.BadRequest, second.StatusCode);
        var error = (await second.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error");
        Assert.Contains("idempotency key", error.GetProperty("message").GetString(), StringComparison.OrdinalIgnoreCase);
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
        Assert.Single(host.Upstream.Requests);
    }

    [Theory]
    [InlineData("/v1/messages", """{"model":"default","max_tokens":64,"stream":true,"messages":[{"role":"user","content":"Hi"}]}""")]
    [InlineData("/v1/responses", """{"model":"default","stream":true,"input":"Hi"}""")]
    [InlineData("/v1/messages", """{"model":"default","max_tokens":64,"messages":[{"role":"user","content":"Hi"}]}""")]
    public async Task Repeat_OfARequestUnderWay_JoinsIt(string route, string body)
    {
        await using var host = await MessagesHost.StartAsync(UpstreamKind.OpenAI);
        using var gate = new StreamGate();
        host.Upstream.Enqueue(Reply.Pieces("one ", "two").GatedBy(gate));
        var first = host.SendAsync(body, route, (Key, "k"));
        await host.Upstream.NextRequestAsync().AsTask().WaitAsync(Patience);
        var second = host.SendAsync(body, route, (Key, "k"));
        gate.Open();

        using var one = await first.WaitAsync(Patience);
        using var two = await second.WaitAsync(Patience);
        Assert.Equal(await one.Content.ReadAsStringAsync().WaitAsync(Patience), await two.Content.ReadAsStringAsync().WaitAsync(Patience));
        Assert.Single(new[] { one, two }, response => response.Headers.Contains(Replayed));
        Assert.Single(host.Upstream.Requests);
    }

    [Fact]
    public async Task TheSameIdempotencyKey_OfTwoApiKeys_IsTwoRequests()
    {
        await using var host = await MessagesHost.StartAsync(UpstreamKind.OpenAI, new OrleansChatOptions
        {
            ApiKeys = [new ApiKeyOptions { Id = "one", Secret = "sk-one" }, new ApiKeyOptions { Id = "two", Secret = "sk-two" }],
        });
        foreach (var secret in new[] { "sk-one", "sk-two", "sk-two" })
            (await host.SendAsync("""{"model":"default","messages":[{"role":"user","content":"Hi"}]}""", "/v1/chat/completions", (Key, "k"), ("x-api-key", secret))).Dispose();
        Assert.Equal(2, host.Upstream.Requests.Count);
    }

    [Fact]
    public async Task Stream_ThatItsUpstreamEndsWithAnError_IsNotKept()
    {
        const string Body = """{"model":"default","stream":true,"messages":[{"role":"user","content":"Hi"}]}""";
        await using var host = await MessagesHost.StartAsync(UpstreamKind.OpenAI);
        host.Upstream.Enqueue(Reply.RawStream("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"one\"}}]}\n\ndata: {\"error\":{\"message\":\"It broke.\"}}\n\n"));
        using var failed = await host.SendAsync(Body, "/v1/chat/completions", (Key, "k"));
        Assert.Contains("It broke.", await failed.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        using var repeated = await host.SendAsync(Body, "/v1/chat/completions", (Key, "k"));
        Assert.Contains("[DONE]", await repeated.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.False(repeated.Headers.Contains(Replayed));
    }

    [Fact]
    public async Task WhatUpstreamsArePassedBesideTheBody_MakesAnotherRequest()
    {
        const string Body = """{"model":"default","max_tokens":64,"messages":[{"role":"user","content":"Hi"}]}""";
        await using var host = await MessagesHost.StartAsync(
            UpstreamKind.Anthropic, new OrleansChatOptions { ApiKeys = [new ApiKeyOptions { Id = "own", Secret = "sk-own", Cache = CacheScope.Key }] });
        host.Upstream.Fallback = static _ => Reply.Message("Hello");

        Assert.Equal("miss", await CacheAsync("/v1/messages"));
        Assert.Equal("hit", await CacheAsync("/v1/messages"));
        Assert.Equal("miss", await CacheAsync("/v1/messages", ("anthropic-beta", "one")));
        Assert.Equal("miss", await CacheAsync("/v1/messages?beta=true"));
        Assert.Equal("hit", await CacheAsync("/v1/messages", ("anthropic-beta", "one")));

        using var first = await host.SendAsync(Body, "/v1/messages", (Key, "k"), ("x-api-key", "sk-own"), ("Cache-Control", "no-store"));
        using var other = await host.SendAsync(Body, "/v1/messages", (Key, "k"), ("x-api-key", "sk-own"), ("anthropic-beta", "one"));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.BadRequest), (first.StatusCode, other.StatusCode));

        async Task<string> CacheAsync(string path, params (string, string)[] headers)
        {
            using var response = await host.SendAsync(Body, path, [("x-api-key", "sk-own"), .. headers]);
            return response.Headers.GetValues("x-orleanschat-cache").Single();
        }
    }
}
