using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Settings;
using OrleansChat.Core.Upstreams;
using OrleansChat.Providers.Builtin;
using OrleansChat.Providers.Http;
using OrleansChat.Providers.Upstreams;
using OrleansChat.Testing;

namespace OrleansChat.Providers.Tests.Upstreams;

public sealed class UpstreamRegistryTests
{
    [Fact]
    public async Task Chat_OfAConfiguredUpstream_CallsItWithTheTargetsModel()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var registry = Registry(new UpstreamOptions { Id = "local", BaseUrl = upstream.BaseUrl + "/", ApiKey = "k" });
        Assert.True(UpstreamTarget.TryParse("local/org/model", out var target));

        var response = await registry.Chat(target).GetResponseAsync("Hello there", cancellationToken: TestConnection.Patience());

        Assert.Equal("Hello there", response.Text);
        var request = upstream.Requests.Single();
        Assert.Equal(("org/model", "Bearer k", "/chat/completions"), (request.Model, request.Headers["Authorization"], request.Path));
    }

    [Fact]
    public async Task Embeddings_OfAConfiguredUpstream_CallIt()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var registry = Registry(new UpstreamOptions { Id = "local", BaseUrl = upstream.BaseUrl });

        var embeddings = await registry.Embeddings(new UpstreamTarget("local", "e")).GenerateAsync(["a"]);

        Assert.Equal(EmbeddingReply.Vector("a"), Assert.Single(embeddings).Vector.ToArray());
        Assert.Equal("e", upstream.Requests.Single().Model);
    }

    [Fact]
    public async Task PassThrough_OfAConfiguredUpstream_CallsIt()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var registry = Registry(new UpstreamOptions { Id = "local", BaseUrl = upstream.BaseUrl });

        await using var answer = await registry.Find("local")!.SendAsync("/embeddings", """{"input":"a"}"""u8.ToArray(), stream: false, cancellationToken: TestConnection.Patience());

        Assert.Equal(200, answer.Status);
    }

    [Fact]
    public void Registry_OfEachKind_MakesTheSpokenOnesAndRefusesTheOthers()
    {
        var made = Enum.GetValues<UpstreamKind>().Where(kind =>
        {
            try
            {
                using var registry = Registry(new UpstreamOptions { Id = "local", Kind = kind, BaseUrl = "http://127.0.0.1:1/v1" });
                return true;
            }
            catch (NotSupportedException)
            {
                return false;
            }
        });
        Assert.Equal(SpokenKinds.All, made);
    }

    [Fact]
    public async Task Builtin_IsThereWithoutSettings()
    {
        using var registry = Registry();

        var response = await registry.Chat(new UpstreamTarget("builtin", "extractive")).GetResponseAsync("Hello");

        Assert.Contains("no language model is configured", response.Text, StringComparison.Ordinal);
        var vector = Assert.Single(await registry.Embeddings(new UpstreamTarget("builtin", "hashing")).GenerateAsync(["Hello"])).Vector;
        Assert.Equal(HashingEmbeddingOptions.DefaultDimensions, vector.Length);
        Assert.Null(registry.Find("builtin"));
    }

    [Fact]
    public void Unknown_UpstreamOrModel_IsTheCallersMistake()
    {
        using var registry = Registry();

        Assert.Equal(404, Assert.Throws<RequestException>(() => registry.Chat(new UpstreamTarget("nowhere", "m"))).Problem.Status);
        Assert.Equal(400, Assert.Throws<RequestException>(() => registry.Chat(new UpstreamTarget("builtin", "m"))).Problem.Status);
        Assert.Equal(400, Assert.Throws<RequestException>(() => registry.Embeddings(new UpstreamTarget("builtin", "extractive"))).Problem.Status);
        Assert.Null(registry.Find("nowhere"));
    }

    [Fact]
    public async Task Settings_OfTimeoutAndRetries_AreFollowed()
    {
        var clock = new FakeClock();
        await using var upstream = await ScriptedUpstream.StartAsync();
        upstream.Enqueue(Reply.Stall());
        using var registry = new UpstreamRegistry(
            [new UpstreamOptions { Id = "local", BaseUrl = upstream.BaseUrl, MaxRetries = 0, Timeout = TimeSpan.FromSeconds(5) }], clock, NullLoggerFactory.Instance);
        var answer = registry.Chat(new UpstreamTarget("local", "m")).GetResponseAsync("Hi", cancellationToken: TestConnection.Patience());
        await upstream.NextRequestAsync(TestConnection.Patience());

        clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Contains("5 s (total timeout)", (await Assert.ThrowsAsync<UpstreamException>(() => answer)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_OfEachTimeout_AreTheOnesOfTheirName()
    {
        var endpoint = UpstreamRegistry.Endpoint(
            new UpstreamOptions
            {
                Id = "local",
                BaseUrl = "http://127.0.0.1:1/v1",
                ConnectTimeout = TimeSpan.FromSeconds(2),
                FirstTokenTimeout = TimeSpan.FromSeconds(3),
                TokenTimeout = TimeSpan.FromSeconds(4),
                Timeout = TimeSpan.FromSeconds(5),
            },
            TimeProvider.System);

        var expected = new UpstreamTimeouts
        {
            Connect = TimeSpan.FromSeconds(2),
            FirstToken = TimeSpan.FromSeconds(3),
            BetweenTokens = TimeSpan.FromSeconds(4),
            Total = TimeSpan.FromSeconds(5),
        };
        Assert.Equal(expected, endpoint.Timeouts);
        using var sockets = UpstreamSockets.Create(endpoint.Timeouts.Connect);
        Assert.Equal(TimeSpan.FromSeconds(2), sockets.ConnectTimeout);
    }

    [Fact]
    public async Task Settings_OfTheTimeBetweenTokens_EndAStreamThatFellSilent()
    {
        var clock = new FakeClock();
        var silence = TimeSpan.FromSeconds(7);
        await using var upstream = await ScriptedUpstream.StartAsync();
        upstream.Enqueue(Reply.Pieces("one", "two").StallAfter(1));
        using var registry = new UpstreamRegistry(
            [new UpstreamOptions { Id = "local", BaseUrl = upstream.BaseUrl, MaxRetries = 0, TokenTimeout = silence }], clock, NullLoggerFactory.Instance);
        var answer = registry.Chat(new UpstreamTarget("local", "m")).GetStreamingResponseAsync("Hi", cancellationToken: TestConnection.Patience())
            .ToChatResponseAsync();

        // Time passes while the next token is waited for; between two reads the token's clock stands.
        await TestConnection.UntilAsync(() =>
        {
            if (clock.HasTimerIn(silence))
                clock.Advance(silence);

            return answer.IsCompleted;
        });

        var failure = await Assert.ThrowsAsync<UpstreamException>(() => answer);
        Assert.Contains("7 s (between-tokens timeout)", failure.Message, StringComparison.Ordinal);
    }

    private static UpstreamRegistry Registry(params UpstreamOptions[] upstreams) => new(upstreams, TimeProvider.System, NullLoggerFactory.Instance);
}
