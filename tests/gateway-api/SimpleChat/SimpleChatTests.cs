using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.SimpleChat;

public sealed class SimpleChatTests : ScriptedGatewayTests
{
    [Fact]
    public async Task V1_AnswersAndKeepsTheSession()
    {
        Upstream.Enqueue(Reply.Text("one"), Reply.Text("two"));

        var first = await Host.PostAsync("/chat", new { api_version = "v1", message = "Hi", session_id = "mine" });
        var second = await Host.PostAsync("/chat", new { api_version = "v1", message = "Again", session_id = "mine" });

        Assert.True(first.GetProperty("success").GetBoolean());
        Assert.Equal(("one", "two"), (first.GetProperty("response").GetString(), second.GetProperty("response").GetString()));
        Assert.Equal("mine", second.GetProperty("session_id").GetString());
        Assert.Equal(4, (await Host.GetAsync("/api/sessions/mine")).GetProperty("messages").GetArrayLength());
    }

    [Fact]
    public async Task V1_WithoutASession_MakesOne()
    {
        var answer = await Host.PostAsync("/chat", new { api_version = "v1", message = "Hi" });
        Assert.True(Guid.TryParse(answer.GetProperty("session_id").GetString(), out _));
    }

    [Fact]
    public async Task V1_HasTheseFieldsAndNoOthersAndPassesOverThoseOfV2()
    {
        var answer = await Host.PostAsync("/chat", new { message = "Hi", optimization_hints = new { prefer = 5 } });
        Assert.Equal(["success", "response", "session_id", "turn_id", "model", "api_version"], answer.EnumerateObject().Select(field => field.Name));
        Assert.Equal("v1", answer.GetProperty("api_version").GetString());
    }

    [Fact]
    public async Task V2_TakesHintsAndAnswersWithUsageAndMode()
    {
        Upstream.Enqueue(Reply.Text("one").WithUsage(7, 3));
        var answer = await Host.PostAsync("/chat", new { api_version = "v2", message = "Hi", optimization_hints = new { prefer = "cost" } });
        Assert.Equal(3, answer.GetProperty("usage").GetProperty("output_tokens").GetInt64());
        Assert.NotEmpty(answer.GetProperty("mode").GetString()!);
        Assert.Equal("v2", answer.GetProperty("api_version").GetString());
    }

    [Fact]
    public async Task Failure_NamesTheTurnWhoseMessageIsKept()
    {
        Upstream.Enqueue(Reply.Status(500, ""));

        using var failed = await Host.Client.PostAsJsonAsync("/chat", new { message = "Hi", session_id = "mine" });

        Assert.Equal(HttpStatusCode.BadGateway, failed.StatusCode);
        var turn = await Host.GetAsync($"/api/sessions/mine/turns/{failed.Headers.GetValues("X-Turn-Id").Single()}");
        Assert.Equal("failed", turn.GetProperty("status").GetString());
    }

    [Fact]
    public async Task FailureOfANewSession_NamesItSoThatTheNextMessageIsOfTheSameChat()
    {
        Upstream.Enqueue(Reply.Status(500, ""));
        using var failed = await Host.Client.PostAsJsonAsync("/chat", new { message = "Hi" });
        var session = failed.Headers.GetValues("X-Session-Id").Single();

        Upstream.Enqueue(Reply.Text("one"));
        var next = await Host.PostAsync("/chat", new { message = "Still there?", session_id = session });

        Assert.Equal(session, next.GetProperty("session_id").GetString());
        var sessions = (await Host.GetAsync("/api/sessions")).GetProperty("items");
        Assert.Equal(session, Assert.Single(sessions.EnumerateArray()).GetProperty("id").GetString());
    }

    [Fact]
    public async Task UnknownVersion_IsAProblemThatListsTheKnownOnes()
    {
        using var response = await Host.Client.PostAsJsonAsync("/chat", new { api_version = "v9", message = "Hi" });
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("api_version", problem.GetProperty("subject").GetString());
        Assert.Contains("v1, v2", problem.GetProperty("suggestions")[0].GetString(), StringComparison.Ordinal);
    }
}
