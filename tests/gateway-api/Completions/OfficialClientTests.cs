using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Embeddings;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Completions;

/// <summary>What the official .NET client of OpenAI sees.</summary>
public sealed class OfficialClientTests : ScriptedGatewayTests
{
    private protected override OrleansChatOptions Options => new()
    {
        ApiKeys =
        [
            new ApiKeyOptions { Id = "free", Secret = "sk-free" },
            new ApiKeyOptions { Id = "slow", Secret = "sk-slow", Limits = new LimitOptions { RequestsPerMinute = 1, TokensPerMinute = 100_000 } },
            new ApiKeyOptions { Id = "paced", Secret = "sk-paced", Limits = new LimitOptions { RequestsPerMinute = 60, Pacing = Pacing.Smooth, Burst = 1 } },
            new ApiKeyOptions { Id = "poor", Secret = "sk-poor", Budget = new BudgetOptions { Usd = 0.000001m } },
        ],
    };

    [Fact]
    public async Task CompleteChat_GivesTheUpstreamsAnswer()
    {
        Upstream.Enqueue(Reply.Text("Hello there").WithUsage(9, 3));

        ChatCompletion completion = await Chat().CompleteChatAsync("Hi");

        Assert.Equal("Hello there", completion.Content[0].Text);
        Assert.Equal((9, 3), (completion.Usage.InputTokenCount, completion.Usage.OutputTokenCount));
        var sent = Assert.Single(Upstream.Requests);
        Assert.Equal("scripted-model", sent.Model);
        Assert.Equal(256, sent.Body.GetProperty("max_tokens").GetInt32());
    }

    [Fact]
    public async Task CompleteChat_WithALimitAndFieldsOfItsOwn_PassesThemOn()
    {
        var options = new ChatCompletionOptions { MaxOutputTokenCount = 17, Temperature = 0.5f, EndUserId = "user-1" };
        await Chat().CompleteChatAsync([new UserChatMessage("Hi")], options);
        var sent = Upstream.Requests[0].Body;
        Assert.Equal(17, sent.GetProperty("max_completion_tokens").GetInt32());
        Assert.False(sent.TryGetProperty("max_tokens", out _));
        Assert.Equal("user-1", sent.GetProperty("user").GetString());
    }

    [Fact]
    public async Task CompleteChatStreaming_GivesThePiecesAndTheUsage()
    {
        Upstream.Enqueue(Reply.Pieces("Hel", "lo", " wörld").WithUsage(9, 3).SplitBytes(3));
        var text = "";
        ChatTokenUsage? usage = null;
        await foreach (var update in Chat().CompleteChatStreamingAsync("Hi"))
        {
            text += string.Concat(update.ContentUpdate.Select(part => part.Text));
            usage = update.Usage ?? usage;
        }

        Assert.Equal("Hello wörld", text);
        Assert.Equal(3, usage?.OutputTokenCount);
    }

    [Fact]
    public async Task CompleteChat_WithTools_GetsTheCalls()
    {
        Upstream.Enqueue(Reply.Calls(new ScriptedToolCall("call_1", "weather", """{"city":"Oslo"}""")));
        var options = new ChatCompletionOptions { Tools = { ChatTool.CreateFunctionTool("weather") } };

        ChatCompletion completion = await Chat().CompleteChatAsync([new UserChatMessage("Weather?")], options);

        Assert.Equal(ChatFinishReason.ToolCalls, completion.FinishReason);
        Assert.Equal("""{"city":"Oslo"}""", completion.ToolCalls[0].FunctionArguments.ToString());
    }

    [Fact]
    public async Task WrongKey_Is401WithOpenAIsCode()
    {
        var fault = await Assert.ThrowsAsync<ClientResultException>(() => Chat("sk-nobody").CompleteChatAsync("Hi"));
        Assert.Equal(401, fault.Status);
        Assert.Equal("invalid_api_key", ErrorOf(fault).GetProperty("code").GetString());
    }

    [Fact]
    public async Task UnknownModel_Is404WithOpenAIsCode()
    {
        var fault = await Assert.ThrowsAsync<ClientResultException>(() => Chat(model: "gpt-none").CompleteChatAsync("Hi"));
        Assert.Equal(404, fault.Status);
        Assert.Equal("model_not_found", ErrorOf(fault).GetProperty("code").GetString());
    }

    [Fact]
    public async Task RequestOverTheLimit_Is429AndSaysWhenToComeBack()
    {
        var chat = Chat("sk-slow");
        var first = await chat.CompleteChatAsync("Hi");
        var headers = first.GetRawResponse().Headers;
        var fault = await Assert.ThrowsAsync<ClientResultException>(() => chat.CompleteChatAsync("Hi"));

        Assert.Equal(("1", "0"), (Header(headers, "x-ratelimit-limit-requests"), Header(headers, "x-ratelimit-remaining-requests")));
        Assert.Equal("100000", Header(headers, "x-ratelimit-limit-tokens"));
        Assert.InRange(int.Parse(Header(headers, "x-ratelimit-remaining-tokens")!), 99_000, 99_999);
        Assert.Matches("^(1m0s|[0-9.]+s)$", Header(headers, "x-ratelimit-reset-requests"));
        Assert.Matches("^(1m0s|[0-9.]+s)$", Header(headers, "x-ratelimit-reset-tokens"));
        Assert.Equal(429, fault.Status);
        Assert.Equal("rate_limit_exceeded", ErrorOf(fault).GetProperty("code").GetString());
        var refused = fault.GetRawResponse()!.Headers;
        Assert.InRange(int.Parse(Header(refused, "Retry-After")!), 1, 60);
        Assert.InRange(int.Parse(Header(refused, "retry-after-ms")!), 1, 60_000);
        Assert.Equal("0", Header(refused, "x-ratelimit-remaining-requests"));
        Assert.Matches("^[0-9.]+s$", Header(refused, "x-ratelimit-reset-requests"));
    }

    [Fact]
    public async Task RequestsOverAPacedLimit_AreRepeatedByTheClientWhenItIsTold()
    {
        var chat = new OpenAIClient(new ApiKeyCredential("sk-paced"), new OpenAIClientOptions { Endpoint = new Uri(Host.Address, "v1") }).GetChatClient("default");
        await chat.CompleteChatAsync("One");

        var second = await chat.CompleteChatAsync("Two");

        Assert.Equal("Two", second.Value.Content[0].Text);
        Assert.Equal(2, Upstream.Requests.Count);
    }

    [Fact]
    public async Task RequestOverTheBudget_Is402WithInsufficientQuota()
    {
        var fault = await Assert.ThrowsAsync<ClientResultException>(() => Chat("sk-poor").CompleteChatAsync("Hi"));
        Assert.Equal(402, fault.Status);
        Assert.Equal("insufficient_quota", ErrorOf(fault).GetProperty("code").GetString());
        Assert.Empty(Upstream.Requests);
    }

    [Fact]
    public async Task RequestThatTheUpstreamRefuses_Is400()
    {
        Upstream.Enqueue(Reply.Status(400, "This model has no vision."));
        var fault = await Assert.ThrowsAsync<ClientResultException>(() => Chat().CompleteChatAsync("Hi"));
        Assert.Equal(400, fault.Status);
        Assert.Contains("no vision", ErrorOf(fault).GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task StreamThatIsCut_FailsInsteadOfLookingWhole()
    {
        Upstream.Enqueue(Reply.Pieces("a", "b", "c").CutAfter(2));
        var text = "";
        var fault = await Record.ExceptionAsync(async () =>
        {
            await foreach (var update in Chat().CompleteChatStreamingAsync("Hi"))
                text += string.Concat(update.ContentUpdate.Select(part => part.Text));
        });
        Assert.Equal("ab", text);
        Assert.NotNull(fault);
    }

    [Fact]
    public async Task Models_AreListed()
    {
        var models = await Client().GetOpenAIModelClient().GetModelsAsync();
        Assert.Equal(["default"], models.Value.Select(model => model.Id));
    }

    [Fact]
    public async Task Embeddings_OfABuiltInModel_AreUnitVectorsInBothEncodings()
    {
        // The client asks for base64.
        var embeddings = Client().GetEmbeddingClient("builtin/hashing");
        OpenAIEmbeddingCollection result = await embeddings.GenerateEmbeddingsAsync(["a grain", "a grain", "rain"]);
        Assert.Equal(3, result.Count);
        Assert.Equal(result[0].ToFloats().ToArray(), result[1].ToFloats().ToArray());
        Assert.Equal(1, result[2].ToFloats().ToArray().Sum(x => x * x), 3);

        Host.Client.DefaultRequestHeaders.Add("x-api-key", "sk-free");
        var numbers = await Host.PostAsync("/v1/embeddings", new { model = "builtin/hashing", input = "a grain" });
        var vector = numbers.GetProperty("data")[0].GetProperty("embedding").EnumerateArray().Select(x => x.GetSingle());
        Assert.Equal(result[0].ToFloats().ToArray(), vector);
    }

    [Fact]
    public async Task Embeddings_OfAnUpstream_HaveTheDimensionsThatWereAskedFor()
    {
        Upstream.Enqueue(Reply.Embeddings(dimensions: 5));
        var embeddings = Client().GetEmbeddingClient("default");
        OpenAIEmbedding embedding = await embeddings.GenerateEmbeddingAsync("a grain", new EmbeddingGenerationOptions { Dimensions = 5 });
        Assert.Equal(5, embedding.ToFloats().Length);
        Assert.Equal(5, Upstream.Requests[0].Body.GetProperty("dimensions").GetInt32());
    }

    private static string? Header(PipelineResponseHeaders headers, string name) => headers.TryGetValue(name, out var value) ? value : null;

    private static JsonElement ErrorOf(ClientResultException fault) =>
        JsonElement.Parse(fault.GetRawResponse()!.Content.ToString()).GetProperty("error");

    private ChatClient Chat(string key = "sk-free", string model = "default") => Client(key).GetChatClient(model);

    private OpenAIClient Client(string key = "sk-free") => new(
        new ApiKeyCredential(key),
        new OpenAIClientOptions { Endpoint = new Uri(Host.Address, "/v1"), RetryPolicy = new ClientRetryPolicy(maxRetries: 0) });
}
