using System.Net.Http.Json;
using System.Text.Json;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Turns;

public sealed class CommandTests : ScriptedGatewayTests
{
    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        using (await Host.Client.PutAsJsonAsync("/api/collections/docs", new { }))
        {
        }

        await Host.PostAsync("/api/collections/docs/documents", new
        {
            documents = new[]
            {
                new { id = "leases", title = "Leases", path = "leases.md", text = "A lease whose holder died expires after two minutes." },
                new { id = "code", title = "Code", path = "Parser.cs", text = "namespace P;\n\npublic sealed class Parser\n{\n    public int Read(string text) => text.Length;\n}\n" },
            },
        });
    }

    [Theory]
    [InlineData("/help", "help", "/search WORDS")]
    [InlineData("/usage", "usage", "Key `local` has spent $0.00")]
    [InlineData("/search lease holder died", "search", "expires after two minutes")]
    [InlineData("/code Parser", "code", "Parser.cs")]
    public async Task Command_IsAnnouncedAndAnsweredWithoutAModel(string message, string intent, string answer)
    {
        using var socket = await SocketClient.OpenAsync(Host.Address);
        await socket.SendAsync(new { type = "chat", data = new { message } });
        var frames = await socket.ReceiveTurnAsync();

        var manager = frames[0];
        Assert.Equal("manager", manager.GetProperty("data").GetProperty("type").GetString());
        Assert.DoesNotContain("model", manager.GetProperty("data").GetProperty("content").GetString(), StringComparison.Ordinal);
        Assert.Contains(answer, Text(frames), StringComparison.Ordinal);
        Assert.Equal("completed", frames[^1].GetProperty("status").GetString());
        Assert.Equal(0m, frames[^1].GetProperty("costUsd").GetDecimal());
        Assert.Empty(Upstream.Requests);

        // The same intent and announcement stand in turn.started.
        var turnId = manager.GetProperty("turnId").GetString();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/sessions/session-1/turns/{turnId}/events");
        using var response = await EventReader.OpenAsync(Host.Client, request);
        await foreach (var entry in EventReader.ReadAsync(response))
        {
            Assert.Equal(("turn.started", intent), (entry.Name, entry.Json.GetProperty("intent").GetString()));
            Assert.Equal(manager.GetProperty("data").GetProperty("content").GetString(), entry.Json.GetProperty("announcement").GetString());
            break;
        }
    }

    [Fact]
    public async Task Search_WithoutWords_FailsWithASuggestion_AndTheSessionGoesOn()
    {
        using var socket = await SocketClient.OpenAsync(Host.Address);
        await socket.SendAsync(new { type = "chat", data = new { message = "/search" } });
        var failed = (await socket.ReceiveTurnAsync())[^1];
        await socket.SendAsync(new { type = "chat", data = new { message = "/help" } });

        Assert.Equal("failed", failed.GetProperty("status").GetString());
        Assert.Equal("completed", (await socket.ReceiveTurnAsync())[^1].GetProperty("status").GetString());
    }

    [Fact]
    public async Task PlainLanguage_GoesToTheModel_AndIsToldWhatItReadsLike()
    {
        Upstream.Enqueue(Reply.Text("I do not know."));
        using var socket = await SocketClient.OpenAsync(Host.Address);
        await socket.SendAsync(new { type = "chat", data = new { message = "How much have I spent?" } });
        var frames = await socket.ReceiveTurnAsync();

        Assert.Contains("It reads like /usage (confidence 0.7).", frames[0].GetProperty("data").GetProperty("content").GetString(), StringComparison.Ordinal);
        Assert.Equal("I do not know.", Text(frames));
    }

    private static string Text(IEnumerable<JsonElement> frames) => string.Concat(frames
        .Where(frame => SocketClient.Type(frame) == "stream_token" && frame.GetProperty("data").GetProperty("type").GetString() == "token")
        .Select(frame => frame.GetProperty("data").GetProperty("content").GetString()));
}
