using System.Text.Json;
using Anthropic;
using Anthropic.Core;
using Anthropic.Exceptions;
using Anthropic.Models.Messages;
using OrleansChat.Core.Settings;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Anthropic;

/// <summary>What the official .NET client of Anthropic sees, whichever kind of upstream answers.</summary>
public sealed class OfficialAnthropicClientTests
{
    private static readonly OrleansChatOptions Keys = new()
    {
        ApiKeys =
        [
            new ApiKeyOptions { Id = "free", Secret = "sk-free" },
            new ApiKeyOptions { Id = "slow", Secret = "sk-slow", Limits = new LimitOptions { RequestsPerMinute = 1 } },
            new ApiKeyOptions { Id = "poor", Secret = "sk-poor", Budget = new BudgetOptions { Usd = 0.000001m } },
        ],
    };

    [Theory]
    [InlineData(UpstreamKind.Anthropic)]
    [InlineData(UpstreamKind.OpenAI)]
    public async Task Create_GivesTheAnswerWithUsage(UpstreamKind kind)
    {
        await using var host = await MessagesHost.StartAsync(kind, Keys);
        host.Upstream.Enqueue(TextReply(kind, "Hello", " there"));

        var message = await Client(host).Messages.Create(Ask("Hi"));

        message.Validate();
        Assert.True(message.Content[0].TryPickText(out var text));
        Assert.Equal("Hello there", text.Text);
        Assert.Equal((9, 2), (message.Usage.InputTokens, message.Usage.OutputTokens));
        Assert.Equal("end_turn", message.StopReason?.Raw());
    }

    [Theory]
    [InlineData(UpstreamKind.Anthropic)]
    [InlineData(UpstreamKind.OpenAI)]
    public async Task CreateStreaming_GivesThePieces(UpstreamKind kind)
    {
        await using var host = await MessagesHost.StartAsync(kind, Keys);
        host.Upstream.Enqueue(TextReply(kind, "Hel", "lo", " wörld"));
        var said = "";
        long? output = null;
        await foreach (var entry in Client(host).Messages.CreateStreaming(Ask("Hi")))
        {
            entry.Validate();
            if (entry.TryPickContentBlockDelta(out var delta) && delta.Delta.TryPickText(out var text))
                said += text.Text;
            if (entry.TryPickDelta(out var end))
                output = end.Usage.OutputTokens;
        }

        Assert.Equal(("Hello wörld", 2L), (said, output));
    }

    [Theory]
    [InlineData(UpstreamKind.Anthropic)]
    [InlineData(UpstreamKind.OpenAI)]
    public async Task Create_WithTools_GetsTheCalls(UpstreamKind kind)
    {
        await using var host = await MessagesHost.StartAsync(kind, Keys);
        var calls = new ScriptedToolCall[] { new("c1", "weather", """{"city":"Oslo"}"""), new("c2", "weather", """{"city":"Rome"}""") };
        host.Upstream.Enqueue(kind is UpstreamKind.Anthropic ? Reply.Message().Calling(calls) : Reply.Calls(calls));
        var properties = new Dictionary<string, JsonElement> { ["city"] = JsonElement.Parse("""{"type":"string"}""") };

        var message = await Client(host).Messages.Create(Ask("Weather?") with
        {
            Tools = [new Tool { Name = "weather", InputSchema = new InputSchema { Properties = properties } }],
        });

        Assert.Equal("tool_use", message.StopReason?.Raw());
        var cities = message.Content.Select(block => block.TryPickToolUse(out var call) ? call.Input["city"].GetString() : null);
        Assert.Equal(["Oslo", "Rome"], cities);
    }

    [Theory]
    [InlineData(UpstreamKind.Anthropic)]
    [InlineData(UpstreamKind.OpenAI)]
    public async Task CountTokens_GivesANumber(UpstreamKind kind)
    {
        await using var host = await MessagesHost.StartAsync(kind, Keys);
        if (kind is UpstreamKind.Anthropic)
            host.Upstream.Enqueue(Reply.Raw(200, "application/json", """{"input_tokens":14}"""));

        var count = await Client(host).Messages.CountTokens(new MessageCountTokensParams { Model = "default", Messages = Ask("one two three").Messages });

        Assert.InRange(count.InputTokens, 3, 14);
    }

    [Fact]
    public async Task Refusals_AreTheClientsOwnExceptions()
    {
        await using var host = await MessagesHost.StartAsync(UpstreamKind.Anthropic, Keys);
        host.Upstream.Enqueue(Reply.Message("one"), Reply.AnthropicError(400, "invalid_request_error", "No such thing."));
        await Client(host, "sk-slow").Messages.Create(Ask("Hi"));

        await Assert.ThrowsAsync<AnthropicRateLimitException>(() => Client(host, "sk-slow").Messages.Create(Ask("Hi")));
        var broke = await Assert.ThrowsAnyAsync<AnthropicApiException>(() => Client(host, "sk-poor").Messages.Create(Ask("Hi")));
        Assert.Equal(402, (int)broke.StatusCode);
        await Assert.ThrowsAsync<AnthropicUnauthorizedException>(() => Client(host, "sk-nobody").Messages.Create(Ask("Hi")));
        await Assert.ThrowsAsync<AnthropicNotFoundException>(() => Client(host).Messages.Create(Ask("Hi") with { Model = "none" }));
        await Assert.ThrowsAsync<AnthropicBadRequestException>(() => Client(host).Messages.Create(Ask("Hi")));
    }

    private static Reply TextReply(UpstreamKind kind, params string[] pieces) =>
        kind is UpstreamKind.Anthropic ? Reply.Message(pieces).WithUsage(9, 2) : Reply.Pieces(pieces).WithUsage(9, 2);

    private static MessageCreateParams Ask(string question) => new()
    {
        Model = "default",
        MaxTokens = 64,
        Messages = [new UserMessageParam(question)],
    };

    private static AnthropicClient Client(MessagesHost host, string key = "sk-free") =>
        new(new ClientOptions { ApiKey = key, BaseUrl = host.Gateway.Address.ToString().TrimEnd('/'), MaxRetries = 0 });
}
