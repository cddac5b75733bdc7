using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OrleansChat.Core.Settings;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Idempotency;

public sealed class IdempotencyTests : ScriptedGatewayTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private protected override OrleansChatOptions Options => new() { Idempotency = new() { MaxAnswerBytes = 10_000 } };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Repeat_GetsTheSameBytes_AndIsNeitherSentNorBilledAgain(bool stream)
    {
        Upstream.Enqueue(Reply.Pieces("one ", "two").WithUsage(10, 2));
        using var first = await SendAsync("k", stream);
        using var second = await SendAsync("k", stream);
        Assert.Equal(await first.Content.ReadAsStringAsync(), await second.Content.ReadAsStringAsync());
        Assert.Equal(first.Content.Headers.ContentType, second.Content.Headers.ContentType);
        Assert.False(first.Headers.Contains("Idempotent-Replayed"));
        Assert.Equal("true", second.Headers.GetValues("Idempotent-Replayed").Single());
        Assert.Single(Upstream.Requests);
        Assert.Equal(1, await RequestsAsync());
    }

    [Fact]
    public async Task Repeat_OfARunningStream_JoinsItFromTheBeginning()
    {
        using var gate = new StreamGate();
        Upstream.Enqueue(Reply.Pieces("one ", "two").GatedBy(gate));
        gate.Release();
        using var first = await SendAsync("k", stream: true);
        await gate.WaitForSentAsync();
        using var second = await SendAsync("k", stream: true);
        Assert.Equal("true", second.Headers.GetValues("Idempotent-Replayed").Single());
        await using var events = EventReader.ReadAsync(second).GetAsyncEnumerator();
        Assert.True(await events.MoveNextAsync().AsTask().WaitAsync(Patience));
        gate.Open();
        var rest = 0;
        while (await events.MoveNextAsync().AsTask().WaitAsync(Patience))
            rest++;

        Assert.Contains("two", await first.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.True(rest > 0);
        Assert.Single(Upstream.Requests);
    }

    [Fact]
    public async Task Repeats_OfAStreamThatBreaks_GetEveryByteOfIt()
    {
        using var gate = new StreamGate();
        Upstream.Enqueue(Reply.Pieces("one ", "two").CutAfter(1).GatedBy(gate));
        gate.Release();
        var responses = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => SendAsync("k", stream: true)));
        var readers = responses.Select(async response => string.Concat((await EventReader.ReadUntilCutAsync(response)).Select(read => read.Data))).ToList();
        gate.Open();

        var answers = await Task.WhenAll(readers).WaitAsync(Patience);
        Assert.Contains("one ", answers[0], StringComparison.Ordinal);
        Assert.Contains("its answer ended early", answers[0], StringComparison.Ordinal);
        Assert.Single(answers.Distinct());
        Assert.Single(Upstream.Requests);
        Array.ForEach(responses, response => response.Dispose());
    }

    [Fact]
    public async Task FirstCallerThatHangsUp_LeavesTheAnswerToTheRepeat()
    {
        using var gate = new StreamGate();
        Upstream.Enqueue(Reply.Pieces("one ", "two").WithUsage(10, 2).GatedBy(gate));
        gate.Release();
        using (await SendAsync("k", stream: true))
        {
        }

        gate.Open();
        using var second = await SendAsync("k", stream: true);
        var text = await second.Content.ReadAsStringAsync().WaitAsync(Patience);
        Assert.Contains("two", text, StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
        Assert.Single(Upstream.Requests);
        Assert.Equal(1, await RequestsAsync());
    }

    [Fact]
    public async Task AnotherBody_UnderTheSameKey_IsRefusedInOpenAIsShape()
    {
        using var first = await SendAsync("k", stream: false);
        using var second = await SendAsync("k", stream: false, text: "Something else");
        Assert.Equal(HttpStatusCode.BadRequest, second.StatusCode);
        var error = (await second.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error");
        Assert.Equal("idempotency_key_in_use", error.GetProperty("code").GetString());
        Assert.Equal("Idempotency-Key", error.GetProperty("param").GetString());
    }

    [Fact]
    public async Task KeyThatIsTooLong_IsRefused_AsNoKeyInUse()
    {
        using var response = await SendAsync(new string('k', 256), stream: false);

        var error = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("1 to 255 characters", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, error.GetProperty("code").ValueKind);
        Assert.Empty(Upstream.Requests);
    }

    [Fact]
    public async Task Failure_IsNotKept()
    {
        Upstream.Enqueue(Reply.Status(500));
        using var failed = await SendAsync("k", stream: false);
        using var repeated = await SendAsync("k", stream: false);
        Assert.Equal(HttpStatusCode.BadGateway, failed.StatusCode);
        Assert.Equal(HttpStatusCode.OK, repeated.StatusCode);
        Assert.False(repeated.Headers.Contains("Idempotent-Replayed"));
    }

    [Fact]
    public async Task AnswerOverTheLimit_IsSaidNotToBeKept()
    {
        Upstream.Enqueue(Reply.Text(new string('x', 20_000)));
        using var first = await SendAsync("k", stream: false);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        using var second = await SendAsync("k", stream: false);
        Assert.Equal(HttpStatusCode.BadRequest, second.StatusCode);
        Assert.Contains("10000 bytes", await second.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Single(Upstream.Requests);
    }

    [Fact]
    public async Task ConcurrentRepeats_AreOneRequest()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(async _ =>
        {
            using var response = await SendAsync("k", stream: false);
            return (response.StatusCode, await response.Content.ReadAsStringAsync());
        }));
        Assert.Equal(HttpStatusCode.OK, Assert.Single(answers.Distinct()).StatusCode);
        Assert.Single(Upstream.Requests);
        Assert.Equal(1, await RequestsAsync());
    }

    [Fact]
    public async Task Embeddings_AreRepeatedToo()
    {
        var answers = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/embeddings") { Content = JsonContent.Create(new { model = "default", input = "Hi" }) };
            request.Headers.Add("Idempotency-Key", "k");
            using var response = await Host.Client.SendAsync(request);
            answers.Add(await response.Content.ReadAsStringAsync());
        }

        Assert.Equal(answers[0], answers[1]);
        Assert.Single(Upstream.Requests);
    }

    private async Task<long> RequestsAsync() => (await Host.GetAsync("/api/usage")).GetProperty("total").GetProperty("requests").GetInt64();

    private async Task<HttpResponseMessage> SendAsync(string key, bool stream, string text = "Hi")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = JsonContent.Create(new { model = "default", stream, messages = new[] { new { role = "user", content = text } } }),
        };
        request.Headers.Add("Idempotency-Key", key);
        return await Host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(Patience);
    }
}
