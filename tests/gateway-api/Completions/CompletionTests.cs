using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Completions;

public sealed class CompletionTests : ScriptedGatewayTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Stream_WithoutIncludeUsage_HidesTheUsageEventThatThisServerAskedFor()
    {
        Upstream.Enqueue(Reply.Text("Hi").WithUsage(2, 1));
        using var response = await SendAsync(stream: true);
        var text = await response.Content.ReadAsStringAsync();
        Assert.DoesNotContain("\"usage\"", text, StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
        Assert.True(Upstream.Requests[0].WantsUsage);
    }

    [Fact]
    public async Task Stream_IsForwardedAsItComes()
    {
        using var gate = new StreamGate();
        Upstream.Enqueue(Reply.Pieces("one", "two").GatedBy(gate));
        gate.Release();
        using var response = await SendAsync(stream: true);
        await using var events = EventReader.ReadAsync(response).GetAsyncEnumerator();
        Assert.True(await events.MoveNextAsync().AsTask().WaitAsync(Patience));
        Assert.True(await events.MoveNextAsync().AsTask().WaitAsync(Patience));
        Assert.Equal("one", events.Current.Json.GetProperty("choices")[0].GetProperty("delta").GetProperty("content").GetString());
        gate.Open();
    }

    [Fact]
    public async Task Stream_WhoseUpstreamIsCut_EndsWithAnErrorEventAndABrokenConnection()
    {
        Upstream.Enqueue(Reply.Pieces("a", "b").CutAfter(1));
        using var response = await SendAsync(stream: true);
        var events = await EventReader.ReadUntilCutAsync(response);
        Assert.Equal("server_error", events[^1].Json.GetProperty("error").GetProperty("type").GetString());
    }

    [Fact]
    public async Task Call_IsBookedInTheLedger()
    {
        Upstream.Enqueue(Reply.Text("Hi").WithUsage(1000, 500));
        using (await SendAsync(stream: false))
        {
        }

        var usage = await Host.GetAsync("/api/usage?groupBy=key");
        var item = usage.GetProperty("items")[0];
        Assert.Equal(("local", 1000, 500), (item.GetProperty("group").GetString(), item.GetProperty("inputTokens").GetInt64(), item.GetProperty("outputTokens").GetInt64()));
        Assert.Equal(0.002m, usage.GetProperty("total").GetProperty("costUsd").GetDecimal());
    }

    [Fact]
    public async Task ClientThatHangsUp_IsBilledForWhatWasProduced()
    {
        using var gate = new StreamGate();
        Upstream.Enqueue(Reply.Pieces("a", "b", "c", "d").GatedBy(gate));
        gate.Release(2);
        using (var response = await SendAsync(stream: true))
        {
            await using var events = EventReader.ReadAsync(response).GetAsyncEnumerator();
            for (var i = 0; i < 3; i++)
                await events.MoveNextAsync();
        }

        await Upstream.Requests[0].Disconnected.WaitAsync(Patience);
        var output = await PollAsync(async () =>
            (await Host.GetAsync("/api/usage")).GetProperty("total").GetProperty("outputTokens").GetInt64(), tokens => tokens > 0);
        Assert.Equal(2, output);
        var limits = await Host.GetAsync("/api/limits");
        Assert.All(limits.GetProperty("scopes").EnumerateArray().Where(scope => scope.GetProperty("budget").ValueKind is JsonValueKind.Object), scope =>
            Assert.Equal(0m, scope.GetProperty("budget").GetProperty("reservedUsd").GetDecimal()));
    }

    [Fact]
    public async Task BuiltInModel_AnswersInOpenAIsShapeWithAndWithoutStream()
    {
        await using var host = await GatewayHost.StartAsync();
        var whole = await host.PostAsync("/v1/chat/completions", new { model = "default", messages = new[] { new { role = "user", content = "Hi" } } });
        Assert.Equal("chat.completion", whole.GetProperty("object").GetString());
        Assert.NotEmpty(whole.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!);

        using var response = await host.Client.PostAsJsonAsync("/v1/chat/completions", new
        {
            model = "default",
            messages = new[] { new { role = "user", content = "Hi" } },
            stream = true,
            stream_options = new { include_usage = true },
        });
        var text = await response.Content.ReadAsStringAsync();
        Assert.Contains("chat.completion.chunk", text, StringComparison.Ordinal);
        Assert.Contains("\"usage\"", text, StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"a"}]}""", "model")]
    [InlineData("""{"model":"default"}""", "messages")]
    [InlineData("""{"model":"default","messages":[]}""", "messages")]
    [InlineData("""{"model":"default","messages":"a"}""", "messages")]
    [InlineData("""{"model":"default","messages":[5]}""", "messages[0]")]
    [InlineData("""{"model":"default","messages":[{"role":"king","content":"a"}]}""", "messages[0].role")]
    [InlineData("""{"model":"default","messages":[{"role":"user","content":5}]}""", "messages[0].content")]
    [InlineData("""{"model":"default","messages":[{"role":"user","content":"a"}],"stream":"yes"}""", "stream")]
    [InlineData("""{"model":"default","messages":[{"role":"user","content":"a"}],"temperature":3}""", "temperature")]
    [InlineData("""{"model":"default","messages":[{"role":"user","content":"a"}],"max_tokens":0}""", "max_tokens")]
    public async Task WrongField_Is400AndNamesIt(string body, string field)
    {
        using var response = await Host.Client.PostAsync("/v1/chat/completions", GatewayHost.Json(body));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error");
        Assert.Equal(("invalid_request_error", field), (error.GetProperty("type").GetString(), error.GetProperty("param").GetString()));
    }

    private async Task<HttpResponseMessage> SendAsync(bool stream)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = JsonContent.Create(new { model = "default", stream, messages = new[] { new { role = "user", content = "Hello you" } } }),
        };
        return await Host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>Asks until the answer fits; the settlement of a call whose client is gone has nobody to tell.</summary>
    private static async Task<T> PollAsync<T>(Func<Task<T>> ask, Predicate<T> fits)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var answer = await ask();
            if (fits(answer))
                return answer;
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
