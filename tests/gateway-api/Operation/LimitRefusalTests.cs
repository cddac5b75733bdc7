using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Operation;

/// <summary>What a client above a limit is told, in the words of its route: whose limit it is, which one, and to the tick when to come again.</summary>
public sealed class LimitRefusalTests : ScriptedGatewayTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>A number of seconds whose product with 1,000 is above the milliseconds that it means, in floating point.</summary>
    private static readonly TimeSpan Left = TimeSpan.FromMilliseconds(16_100);

    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    private readonly FakeClock _clock = new();

    private protected override TimeProvider Clock => _clock;

    private protected override OrleansChatOptions Options => new()
    {
        ApiKeys =
        [
            new ApiKeyOptions { Id = "token-bot", Secret = "sk-minute", Limits = new LimitOptions { RequestsPerMinute = 1 } },
            new ApiKeyOptions { Id = "reader", Secret = "sk-tokens", Limits = new LimitOptions { TokensPerMinute = 1_000 } },
            new ApiKeyOptions { Id = "member", Secret = "sk-team", Team = "red" },
            new ApiKeyOptions { Id = "daily", Secret = "sk-day", Limits = new LimitOptions { RequestsPerDay = 1 } },
            new ApiKeyOptions { Id = "free", Secret = "sk-free" },
        ],
        Teams = [new TeamOptions { Id = "red", Limits = new LimitOptions { RequestsPerMinute = 1 } }],
    };

    private protected override OrleansChatOptions Adjust(OrleansChatOptions settings) =>
        settings with { Models = [.. settings.Models, settings.Models[0] with { Id = "narrow", Limits = new LimitOptions { RequestsPerMinute = 1 } }] };

    [Theory]
    [InlineData("sk-minute", "default", "key:token-bot", "requestsPerMinute", "requests")]
    [InlineData("sk-tokens", "default", "key:reader", "tokensPerMinute", "tokens")]
    [InlineData("sk-day", "default", "key:daily", "requestsPerDay", "requests")]
    [InlineData("sk-team", "default", "team:red", "requestsPerMinute", "requests")]
    [InlineData("sk-free", "narrow", "model:narrow", "requestsPerMinute", "requests")]
    public Task Completion_AboveALimit_IsToldInOpenAIsWords(string secret, string model, string scope, string limit, string type) => CheckAsync(
        limit,
        () => SendAsync("/v1/chat/completions", secret, new { model, messages = new[] { new { role = "user", content = "Hi" } } }),
        (body, _, shown) =>
        {
            var error = body.GetProperty("error");
            Assert.Equal((type, "rate_limit_exceeded"), (Text(error, "type"), Text(error, "code")));
            Assert.Equal($"Limit {limit} of scope '{scope}' is reached. Try again in {shown} seconds.", Text(error, "message"));
        });

    [Theory]
    [InlineData("sk-minute", "default", "key:token-bot", "requestsPerMinute")]
    [InlineData("sk-tokens", "default", "key:reader", "tokensPerMinute")]
    [InlineData("sk-team", "default", "team:red", "requestsPerMinute")]
    [InlineData("sk-free", "narrow", "model:narrow", "requestsPerMinute")]
    public Task Message_AboveALimit_IsToldInAnthropicsWords(string secret, string model, string scope, string limit) => CheckAsync(
        limit,
        () => SendAsync("/v1/messages", secret, new { model, max_tokens = 50, messages = new[] { new { role = "user", content = "Hi" } } }),
        (body, _, shown) =>
        {
            Assert.Equal("error", Text(body, "type"));
            Assert.Equal("rate_limit_error", Text(body.GetProperty("error"), "type"));
            Assert.Equal($"Limit {limit} of scope '{scope}' is reached. Try again in {shown} seconds.", Text(body.GetProperty("error"), "message"));
        });

    [Theory]
    [InlineData("sk-minute", "default", "key:token-bot", "requestsPerMinute")]
    [InlineData("sk-tokens", "default", "key:reader", "tokensPerMinute")]
    [InlineData("sk-team", "default", "team:red", "requestsPerMinute")]
    [InlineData("sk-free", "narrow", "model:narrow", "requestsPerMinute")]
    public async Task Turn_AboveALimit_IsToldAsAProblem(string secret, string model, string scope, string limit)
    {
        using var created = await SendAsync("/api/sessions", secret, new { model });
        var session = Text(await created.Content.ReadFromJsonAsync<JsonElement>(), "id");
        await CheckAsync(
            limit,
            () => SendAsync($"/api/sessions/{session}/turns", secret, new { message = "Hi" }),
            (body, left, shown) =>
            {
                Assert.Equal(("rate_limited", 429), (Text(body, "code"), body.GetProperty("status").GetInt32()));
                Assert.Equal($"{scope} {limit}", Text(body, "subject"));
                Assert.Equal(left.TotalSeconds, body.GetProperty("retryAfterSeconds").GetDouble());
                Assert.Equal($"Limit {limit} of scope '{scope}' is reached.", Text(body, "detail"));
                Assert.Equal($"Try again in {shown} seconds.", Assert.Single(body.GetProperty("suggestions").EnumerateArray()).GetString());
            });
    }

    [Fact]
    public async Task Message_WithinALimit_IsToldNoEarlierResetThanTheLimits()
    {
        _clock.Advance(TimeSpan.FromMilliseconds(900));
        using var answer = await SendAsync("/v1/messages", "sk-minute", new { model = "default", max_tokens = 50, messages = new[] { new { role = "user", content = "Hi" } } });
        Assert.Equal("2030-01-01T00:01:01Z", Assert.Single(answer.Headers.GetValues("anthropic-ratelimit-requests-reset")));
    }

    /// <summary>One request passes; the next is refused up to the tick before the window has gone by, and passes at it.</summary>
    private async Task CheckAsync(string limit, Func<Task<HttpResponseMessage>> send, Action<JsonElement, TimeSpan, string> checkBody)
    {
        Upstream.Enqueue(Reply.Text("Hi").WithUsage(900, 90));
        using (var first = await send())
            Assert.Equal(HttpStatusCode.OK, first.StatusCode);

        _clock.Advance((limit == "requestsPerDay" ? Day : Minute) - Left);
        await RefusedAsync(Left, "17", "16100", "16.1");
        _clock.Advance(Tick);
        await RefusedAsync(Left - Tick, "17", "16100", "16.1");
        _clock.Advance(TimeSpan.FromMilliseconds(100) - Tick);
        await RefusedAsync(TimeSpan.FromSeconds(16), "16", "16000", "16");
        _clock.Advance(TimeSpan.FromSeconds(16) - Tick);
        await RefusedAsync(Tick, "1", "1", "0.001");
        Assert.Single(Upstream.Requests);

        _clock.Advance(Tick);
        using var inTime = await send();
        Assert.Equal(HttpStatusCode.OK, inTime.StatusCode);

        async Task RefusedAsync(TimeSpan left, string seconds, string milliseconds, string shown)
        {
            using var refused = await send();
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.Equal(seconds, Assert.Single(refused.Headers.GetValues("Retry-After")));
            Assert.Equal(milliseconds, Assert.Single(refused.Headers.GetValues("retry-after-ms")));
            checkBody(await refused.Content.ReadFromJsonAsync<JsonElement>(), left, shown);
        }
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private Task<HttpResponseMessage> SendAsync(string path, string secret, object body) =>
        Host.SendAsync(HttpMethod.Post, path, secret, body);
}
