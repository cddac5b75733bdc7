using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OrleansChat.Testing;

namespace OrleansChat.Providers.Tests.ScriptedUpstreams;

/// <summary>The tests' own server keeps its script; what it is used for elsewhere rests on this.</summary>
public sealed class ScriptedUpstreamTests : IDisposable
{
    private readonly HttpClient _http = new();

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task Chat_NotStreamed_AnswersWholeWithUsage()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        upstream.Enqueue(Reply.Text("Hello world").WithUsage(10, 2));

        using var response = await _http.PostAsJsonAsync($"{upstream.BaseUrl}/chat/completions", new { model = "m", messages = Array.Empty<object>() });

        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("Hello world", answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
        Assert.Equal(12, answer.GetProperty("usage").GetProperty("total_tokens").GetInt32());
        Assert.Equal((10, 2), (upstream.Bill.InputTokens, upstream.Bill.OutputTokens));
        Assert.Equal("m", upstream.Requests.Single().Model);
    }

    [Fact]
    public async Task Chat_Gated_SendsOneChunkForEachRelease()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        using var gate = new StreamGate();
        upstream.Enqueue(Reply.Text("one two").GatedBy(gate));
        using var response = await OpenStreamAsync(upstream);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Contains("assistant", await NextDataAsync(reader), StringComparison.Ordinal);

        var next = NextDataAsync(reader);
        Assert.False(next.IsCompleted);
        gate.Release();
        Assert.Contains("\"one\"", await next, StringComparison.Ordinal);

        gate.Open();
        Assert.Contains("\" two\"", await NextDataAsync(reader), StringComparison.Ordinal);
        Assert.Contains("\"stop\"", await NextDataAsync(reader), StringComparison.Ordinal);
        Assert.Contains("\"usage\"", await NextDataAsync(reader), StringComparison.Ordinal);
        Assert.Equal("[DONE]", await NextDataAsync(reader));
    }

    [Fact]
    public async Task Chat_ClientLeaves_IsSeenAndBilledForWhatWasSent()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        upstream.Enqueue(Reply.Text("one two three").StallAfter(2).WithUsage(7, 3));
        var response = await OpenStreamAsync(upstream);
        var request = await upstream.NextRequestAsync();
        Assert.False(request.Disconnected.IsCompleted);

        response.Dispose();

        await request.Disconnected;
        await request.Ended;
        Assert.Equal((7, 2), (upstream.Bill.InputTokens, upstream.Bill.OutputTokens));
    }

    [Fact]
    public async Task Chat_CutAfterChunks_DeliversThemAndBreaksTheConnection()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        upstream.Enqueue(Reply.Text("one two three").CutAfter(2));
        using var response = await OpenStreamAsync(upstream);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());

        await NextDataAsync(reader);
        Assert.Contains("\"one\"", await NextDataAsync(reader), StringComparison.Ordinal);
        Assert.Contains("\" two\"", await NextDataAsync(reader), StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<IOException>(() => NextDataAsync(reader));
    }

    [Fact]
    public async Task RateLimited_CarriesRetryAfter()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        upstream.Enqueue(Reply.RateLimited(7));

        using var response = await _http.PostAsJsonAsync($"{upstream.BaseUrl}/chat/completions", new { model = "m" });

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(7), response.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task Embeddings_AreTheSameForTheSameText()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();

        using var response = await _http.PostAsJsonAsync($"{upstream.BaseUrl}/embeddings", new { model = "e", input = new[] { "a", "b", "a" } });

        var data = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data");
        var vectors = data.EnumerateArray().Select(item => item.GetProperty("embedding").Deserialize<float[]>()!).ToArray();
        Assert.Equal(EmbeddingReply.Vector("a"), vectors[0]);
        Assert.Equal(vectors[0], vectors[2]);
        Assert.NotEqual(vectors[0], vectors[1]);
        Assert.Equal(1, vectors[1].Sum(x => x * x), 1e-5);
    }

    [Fact]
    public async Task Models_AreListed()
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        upstream.Models = ["a", "b"];

        var list = await _http.GetFromJsonAsync<JsonElement>($"{upstream.BaseUrl}/models");

        Assert.Equal(["a", "b"], list.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()!));
    }

    private async Task<HttpResponseMessage> OpenStreamAsync(ScriptedUpstream upstream)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{upstream.BaseUrl}/chat/completions")
        {
            Content = JsonContent.Create(new { model = "m", stream = true, stream_options = new { include_usage = true }, messages = Array.Empty<object>() }),
        };
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static async Task<string> NextDataAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
                return line["data: ".Length..];
        }

        throw new InvalidOperationException("The stream ended in good order.");
    }
}
