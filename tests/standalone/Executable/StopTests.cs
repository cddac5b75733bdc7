using System.Net;
using System.Net.Http.Headers;
using OrleansChat.Standalone.Tests.Journals;
using OrleansChat.Testing;

namespace OrleansChat.Standalone.Tests.Executable;

/// <summary>What an orderly stop and a killed process do to a turn that runs.</summary>
public sealed class StopTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly StreamGate _gate = new();
    private ScriptedUpstream _upstream = null!;

    public async Task InitializeAsync() => _upstream = await ScriptedUpstream.StartAsync();

    public async Task DisposeAsync() => await _upstream.DisposeAsync();

    public void Dispose()
    {
        _gate.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task CtrlC_WhileATurnRuns_LetsItFinishRefusesNewOnesAndEndsWithZero()
    {
        _upstream.Enqueue(Reply.Text("one two three").GatedBy(_gate));
        await using var server = await StartAsync();
        var session = await CreateSessionAsync(server);
        using var response = await StreamTurnAsync(server, session);
        var events = WireEvent.ReadAsync(response).GetAsyncEnumerator();
        _gate.Release();
        var seen = await ReadUntilAsync(events, "turn.delta");

        server.PressCtrlC();
        await AssertRefusesTurnsAsync(server, session);
        _gate.Open();
        seen.AddRange(await ReadUntilAsync(events, "turn.completed"));

        Assert.Equal("one two three", string.Concat(seen.Select(one => one.Text)));
        Assert.Equal(0, await server.ExitAsync());
    }

    [Fact]
    public async Task CtrlC_WhileATurnTakesItsTime_WaitsForItsEnd()
    {
        // Together longer than the two seconds that a library of command lines gives a command by default.
        const int Heartbeats = 5;
        _upstream.Enqueue(Reply.Text("one two three").GatedBy(_gate));
        await using var server = await StartAsync("--OrleansChat:Gateway:HeartbeatInterval=00:00:01");
        using var response = await StreamTurnAsync(server, await CreateSessionAsync(server));
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());

        server.PressCtrlC();
        for (var heartbeats = 0; heartbeats < Heartbeats;)
        {
            var line = await lines.ReadLineAsync();
            Assert.True(line is not null, "The stream ended before its turn.");
            heartbeats += line.StartsWith(':') ? 1 : 0;
        }

        _gate.Open();
        Assert.Contains("event: turn.completed", await lines.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await server.ExitAsync());
    }

    [Fact]
    public async Task Kill_WhileATurnRuns_RestartsItVisiblyAndNumbersGoOnWithoutAGap()
    {
        _upstream.Enqueue(Reply.Text("this will be lost").GatedBy(_gate));
        _upstream.Enqueue(Reply.Text("the whole answer"));
        string session;
        List<WireEvent> seen;
        await using (var server = await StartAsync())
        {
            session = await CreateSessionAsync(server);
            using var response = await StreamTurnAsync(server, session);
            var events = WireEvent.ReadAsync(response).GetAsyncEnumerator();
            _gate.Release(2);
            seen = await ReadUntilAsync(events, "turn.delta");
            await server.KillAsync();
        }

        await using var next = await StartAsync();
        var turn = seen[0].Data.GetProperty("turnId").GetString();
        using var rest = await next.Http.GetAsync(
            $"/api/sessions/{session}/turns/{turn}/events?after={seen[^1].Id}", HttpCompletionOption.ResponseHeadersRead);
        await foreach (var one in WireEvent.ReadAsync(rest))
            seen.Add(one);

        Assert.Equal(Enumerable.Range(1, seen.Count).Select(number => (long)number), seen.Select(one => one.Id));
        Assert.Equal("turn.completed", seen[^1].Kind);
        var restarted = seen.FindIndex(one => one.Kind == "turn.restarted");
        Assert.Equal("the whole answer", string.Concat(seen.Skip(restarted).Select(one => one.Text)));
    }

    [Fact]
    public async Task CtrlC_RightAfterAnswers_HasBookedThemAll()
    {
        const int Callers = 8;
        const int CallsEach = 25;
        await using (var server = await StartAsync())
        {
            await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => CallAsync(server, CallsEach)));
            Assert.Equal(0, await server.StopAsync());
        }

        await using var next = await StartAsync();
        var total = (await Json.ReadAsync(await next.Http.GetAsync("/api/usage"))).GetProperty("total");
        Assert.Equal(Callers * CallsEach, _upstream.Bill.Answers);
        Assert.Equal(
            (_upstream.Bill.Answers, _upstream.Bill.InputTokens, _upstream.Bill.OutputTokens),
            (total.GetProperty("requests").GetInt64(), total.GetProperty("inputTokens").GetInt64(), total.GetProperty("outputTokens").GetInt64()));
    }

    private static async Task CallAsync(ServerProcess server, int calls)
    {
        for (var call = 0; call < calls; call++)
        {
            using var answer = await server.Http.PostAsync("/v1/chat/completions", Json.Body("""{"model":"default","messages":[{"role":"user","content":"Hi"}]}"""));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    // No stop on a busy machine may come to the end of its patience.
    private async Task<ServerProcess> StartAsync(params string[] settings) => await ServerProcess.StartAsync(
        _folder.Path,
        [
            "--OrleansChat:Gateway:DrainTimeout=00:10:00",
            "--OrleansChat:Upstreams:0:Id=scripted",
            $"--OrleansChat:Upstreams:0:BaseUrl={_upstream.BaseUrl}",
            "--OrleansChat:Models:0:Id=default",
            "--OrleansChat:Models:0:Route:0=scripted/scripted-model",
            .. settings,
        ]);

    private static async Task<string> CreateSessionAsync(ServerProcess server) =>
        (await Json.ReadAsync(await server.Http.PostAsync("/api/sessions", Json.Body("{}")))).GetProperty("id").GetString()!;

    private static async Task<HttpResponseMessage> StreamTurnAsync(ServerProcess server, string session)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/api/sessions/{session}/turns") { Content = Json.Body("""{"message":"Go on."}""") };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        return await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static async Task<List<WireEvent>> ReadUntilAsync(IAsyncEnumerator<WireEvent> events, string kind)
    {
        var seen = new List<WireEvent>();
        do
        {
            Assert.True(await events.MoveNextAsync(), $"The stream ended before {kind}.");
            seen.Add(events.Current);
        }
        while (events.Current.Kind != kind);

        return seen;
    }

    /// <summary>Asks for turns until the stop has reached the gateway: 503, or no connection once it listens no more.</summary>
    private static async Task AssertRefusesTurnsAsync(ServerProcess server, string session)
    {
        HttpStatusCode? status;
        do
            status = await TryTurnAsync(server, session);
        while (status == HttpStatusCode.Conflict);

        Assert.True(status is null or HttpStatusCode.ServiceUnavailable, $"A new turn got {status}.");
    }

    private static async Task<HttpStatusCode?> TryTurnAsync(ServerProcess server, string session)
    {
        try
        {
            using var answer = await server.Http.PostAsync($"/api/sessions/{session}/turns", Json.Body("""{"message":"Another."}"""));
            return answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
