using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using OrleansChat.GatewayApi.Tests.Hosting;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Mcp;

/// <summary>What the protocol's official .NET client sees over a real socket.</summary>
public sealed class McpClientTests : ScriptedGatewayTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await Host.Client.PutAsync("/api/collections/code", null);
        await Host.PostAsync("/api/collections/code/documents", new
        {
            documents = new[]
            {
                new { id = "a.py", text = "class Reader:\n    def close(self):\n        self.file.close()\n", path = "a.py" },
                new { id = "b.py", text = "class Writer:\n    def close(self):\n        self.flush()\n", path = "b.py" },
                new { id = "c.md", text = "# Closing\n\nEvery file is closed at the end.", path = "c.md" },
            },
        });
    }

    [Fact]
    public async Task Client_ListsTheToolsWithTheirSchemas()
    {
        await using var client = await ConnectAsync();
        var tools = await client.ListToolsAsync();
        Assert.Equal(["ask", "find_code", "search"], tools.Select(tool => tool.Name).Order(StringComparer.Ordinal));
        var code = tools.Single(tool => tool.Name == "find_code").JsonSchema;
        Assert.Equal(["query", "collection", "language", "limit"], code.GetProperty("properties").EnumerateObject().Select(property => property.Name));
        Assert.Equal("OrleansChat", client.ServerInfo?.Name);
        Assert.NotNull(client.SessionId);
    }

    [Fact]
    public async Task Search_FindsPassages()
    {
        await using var client = await ConnectAsync();
        var result = await client.CallToolAsync("search", new Dictionary<string, object?> { ["query"] = "when are files closed", ["limit"] = 1, ["mode"] = "lexical" });
        Assert.Contains("Every file is closed", Text(result), StringComparison.Ordinal);
        Assert.Equal("c.md", result.StructuredContent!.Value.GetProperty("hits")[0].GetProperty("path").GetString());
    }

    [Fact]
    public async Task Search_InNoCollection_IsAnErrorThatTheModelCanRead()
    {
        await using var client = await ConnectAsync();
        var result = await client.CallToolAsync("search", new Dictionary<string, object?> { ["query"] = "x", ["collection"] = "none" });
        Assert.True(result.IsError);
        Assert.Contains("There is no collection 'none'", Text(result), StringComparison.Ordinal);
    }

    [Fact]
    public async Task FindCode_OfAnAmbiguousName_AsksWhichOneIsMeant()
    {
        var asked = new ConcurrentQueue<string>();
        await using var client = await ConnectAsync((request, _) =>
        {
            asked.Enqueue(request!.Message);
            return ValueTask.FromResult(new ElicitResult
            {
                Action = "accept",
                Content = new Dictionary<string, JsonElement> { ["symbol"] = JsonSerializer.SerializeToElement("Writer.close") },
            });
        });

        var result = await client.CallToolAsync("find_code", new Dictionary<string, object?> { ["query"] = "close", ["collection"] = "code" });

        Assert.Equal("'close' is the name of 2 symbols. Which one is meant?", Assert.Single(asked));
        Assert.Equal("Writer.close", FirstSymbol(result));
    }

    [Fact]
    public async Task FindCode_WhenTheUserDoesNotChoose_ShowsAll()
    {
        await using var client = await ConnectAsync((_, _) => ValueTask.FromResult(new ElicitResult { Action = "decline" }));
        var result = await client.CallToolAsync("find_code", new Dictionary<string, object?> { ["query"] = "close" });
        Assert.Equal(2, result.StructuredContent!.Value.GetProperty("alternatives").GetArrayLength());
    }

    [Fact]
    public async Task FindCode_WhenTheClientCannotAsk_ShowsAll()
    {
        await using var client = await ConnectAsync();
        var result = await client.CallToolAsync("find_code", new Dictionary<string, object?> { ["query"] = "close" });
        var found = result.StructuredContent!.Value;
        Assert.Equal(["Reader.close", "Writer.close"], found.GetProperty("alternatives").EnumerateArray().Select(symbol => symbol.GetString()));
        Assert.Equal("close", found.GetProperty("hits")[0].GetProperty("name").GetString());
    }

    [Fact]
    public async Task Ask_TellsItsProgressAndAnswers()
    {
        using var gate = new StreamGate();
        Upstream.Enqueue(Reply.Pieces("At ", "the ", "end.").GatedBy(gate));
        var told = new ConcurrentQueue<ProgressNotificationValue>();
        await using var client = await ConnectAsync();

        var call = client.CallToolAsync(
            "ask", new Dictionary<string, object?> { ["question"] = "When are files closed?" }, new Listener(told)).AsTask();

        // The client hears nothing more of a call that is answered, not even what came before the answer.
        gate.Release(3);
        await TestWait.UntilAsync(() => call.IsCompleted || told.Count == 4);
        gate.Open();
        var result = await call;

        Assert.Equal("At the end.", Text(result));
        Assert.NotEmpty(result.StructuredContent!.Value.GetProperty("sessionId").GetString()!);

        // The client hands notifications on side by side, so their numbers tell the order.
        Assert.Equal(["At ", "the ", "end."], told.OrderBy(one => one.Progress).Skip(1).Select(one => one.Message));
        Assert.Equal(told.Count, told.Select(one => one.Progress).Distinct().Count());
    }

    [Fact]
    public async Task Ask_ThatIsCancelled_StopsTheUpstream()
    {
        using var gate = new StreamGate();
        Upstream.Enqueue(Reply.Pieces("a", "b", "c").GatedBy(gate));
        await using var client = await ConnectAsync();
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var progress = client.RegisterNotificationHandler(NotificationMethods.ProgressNotification, (_, _) =>
        {
            started.TrySetResult();
            return default;
        });
        var ask = new JsonRpcRequest
        {
            Id = new RequestId("ask-1"),
            Method = RequestMethods.ToolsCall,
            Params = JsonNode.Parse("""{"name":"ask","arguments":{"question":"Hi"},"_meta":{"progressToken":"p"}}"""),
        };
        using var left = new CancellationTokenSource();
        var call = client.SendRequestAsync(ask, left.Token);
        await started.Task.WaitAsync(Patience);
        using var patience = new CancellationTokenSource(Patience);
        var request = await Upstream.NextRequestAsync(patience.Token);

        // By the notification that the protocol asks for: a stream that this client stops reading, as where its token is cancelled, is no cancellation.
        await client.SendNotificationAsync(NotificationMethods.CancelledNotification, new CancelledNotificationParams { RequestId = ask.Id });
        await request.Disconnected.WaitAsync(Patience);

        await left.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    private async Task<McpClient> ConnectAsync(Func<ElicitRequestParams?, CancellationToken, ValueTask<ElicitResult>>? elicit = null)
    {
        var transport = new HttpClientTransport(new HttpClientTransportOptions { Endpoint = new Uri(Host.Address, "/mcp") });
        var options = new McpClientOptions();
        if (elicit is not null)
        {
            options.Capabilities = new ClientCapabilities { Elicitation = new ElicitationCapability { Form = new FormElicitationCapability() } };
            options.Handlers.ElicitationHandler = elicit;
        }

        return await McpClient.CreateAsync(transport, options).WaitAsync(Patience);
    }

    private static string Text(CallToolResult result) => Assert.IsType<TextContentBlock>(Assert.Single(result.Content)).Text;

    private static string? FirstSymbol(CallToolResult result) =>
        result.StructuredContent!.Value.GetProperty("hits")[0].GetProperty("symbol").GetString();

    private sealed class Listener(ConcurrentQueue<ProgressNotificationValue> told) : IProgress<ProgressNotificationValue>
    {
        public void Report(ProgressNotificationValue value) => told.Enqueue(value);
    }
}
