using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using OrleansChat.Testing;

namespace OrleansChat.Standalone.Tests.Upgrades;

/// <summary>
/// Data of every kind that a server keeps for good: branched, imported and deleted sessions, documents, keys, budgets and their ledgers, a breaker, a response,
/// and a turn that is under way.
/// </summary>
/// <param name="server">A client of the server.</param>
internal sealed class KeptData(HttpClient server)
{
    private const string Stalled = "Is this taken up again?";
    private const string TakenUp = "It is.";

    private readonly List<KeptQuestion> _questions = [];

    /// <summary>The settings of a server that has or gets this data.</summary>
    public static IReadOnlyList<string> SettingsFor(ScriptedUpstream upstream) =>
    [
        "--OrleansChat:Upstreams:0:Id=scripted", $"--OrleansChat:Upstreams:0:BaseUrl={upstream.BaseUrl}",
        "--OrleansChat:Models:0:Id=default", "--OrleansChat:Models:0:Route:0=builtin/extractive",
        "--OrleansChat:Models:0:InputUsdPerMillion=1", "--OrleansChat:Models:0:OutputUsdPerMillion=2",
        "--OrleansChat:Models:1:Id=slow", "--OrleansChat:Models:1:Route:0=scripted/scripted-model",
        "--OrleansChat:Models:1:InputUsdPerMillion=3", "--OrleansChat:Models:1:OutputUsdPerMillion=4",
        "--OrleansChat:Teams:0:Id=writers", "--OrleansChat:Teams:0:Budget:Usd=100",
    ];

    /// <summary>Has a server keep all of it. The turn that is under way is left so: the server is to be killed.</summary>
    /// <param name="upstream">The upstream, which leaves that turn without an answer.</param>
    /// <returns>What the server answers about it.</returns>
    public async Task<KeptAnswers> FillAsync(ScriptedUpstream upstream)
    {
        await IndexAsync();
        var hello = new { id = "m1", role = "user", content = "Hello", createdAt = "2030-01-01T12:00:00Z" };
        var moved = IdOf(await PostAsync("/api/sessions/import", new { title = "Moved", messages = new[] { hello }, activeMessageId = "m1" }));
        var gone = await TalkAsync("Gone");
        await SendAsync(HttpMethod.Delete, $"/api/sessions/{gone}");
        var response = IdOf(await PostAsync("/v1/responses", new { model = "default", input = "Hello" }));
        var session = await TalkAsync("Leases");
        await PostAsync($"/api/sessions/{session}/turns/{await AskAsync(session, "Who expires?")}/regenerate", new { model = "default" });
        await SendAsync(HttpMethod.Patch, $"/api/sessions/{session}", new { title = "Leases of the dead", systemPrompt = "Be brief." });

        await PostAsync("/api/keys", new { id = "revoked" });
        var key = new { id = "ci", team = "writers", models = new[] { "default" }, limits = new { requestsPerMinute = 60 }, budget = new { usd = 20, window = "total" } };
        var secret = (await PostAsync("/api/keys", key)).GetProperty("secret").GetString()!;
        await SendAsync(HttpMethod.Delete, "/api/keys/revoked");
        await PostAsync("/api/budgets/key:ci/top-up", new { usd = 5, operationId = "invoice-1" });
        for (var call = 0; call < 12; call++)
            await CompleteAsync(secret, $"What is lease {call}?");
        await PostAsync("/api/breakers/scripted/trip", new { });
        await PostAsync("/api/breakers/scripted/reset", new { });

        await KeepAsync($"/api/sessions/{session}", $"/api/sessions/{session}/export", $"/api/sessions/{moved}", "/api/sessions", "/api/sessions?query=dead");
        await KeepAsync("/api/collections", "/api/collections/kept/documents", "/api/keys", "/api/budgets/key:ci/top-ups", "/api/breakers", $"/v1/responses/{response}");
        foreach (var group in (string[])["key", "team", "model", "upstream", "day"])
            await KeepAsync($"/api/usage?groupBy={group}&from=2026-01-01&to=2100-01-01", null, secret);
        await KeepAsync("/api/search", """{"query":"the holder of a lease died","collection":"kept","limit":3}""", null);
        await KeepAsync("/api/find-code", """{"query":"Parser","collection":"kept","limit":1}""", null);
        return new KeptAnswers(secret, session, await LeaveUnderWayAsync(session, upstream), _questions);
    }

    /// <summary>Holds a server against what another has answered.</summary>
    /// <param name="before">What that answered.</param>
    /// <param name="upstream">The upstream, which answers the turn that was under way.</param>
    public async Task CheckAsync(KeptAnswers before, ScriptedUpstream upstream)
    {
        upstream.Enqueue(Reply.Text(TakenUp));
        var turn = $"/api/sessions/{before.Session}/turns/{before.UnderWay}";
        await TestWait.UntilAsync(async () => (await ReadAsync(turn)).GetProperty("status").GetString() == "completed");
        foreach (var kept in before.Questions.Where(kept => !kept.Path.StartsWith($"/api/sessions/{before.Session}", StringComparison.Ordinal)))
            KeptComparison.AssertHas(kept.Answer, await ReadAsync(kept.Path, kept.Body, kept.Secret), kept.Path);

        // The turn that was under way has added its question and its answer, and nothing else has changed.
        var (now, then) = (await ReadAsync($"/api/sessions/{before.Session}"), before.Questions[0].Answer);
        var messages = now.GetProperty("messages").EnumerateArray().ToArray();
        Assert.Equal([Stalled, TakenUp], messages[^2..].Select(message => message.GetProperty("content").GetString()));
        KeptComparison.AssertHas(then.GetProperty("messages"), JsonSerializer.SerializeToElement(messages[..^2]), "messages");
        Assert.Equal(then.GetProperty("systemPrompt").GetString(), now.GetProperty("systemPrompt").GetString());
        await CompleteAsync(before.Secret, "Does the key still open?");
    }

    private async Task IndexAsync()
    {
        await SendAsync(HttpMethod.Put, "/api/collections/kept", new { });
        await PostAsync("/api/collections/kept/documents", new
        {
            documents = new object[]
            {
                new { id = "leases", title = "Leases", path = "leases.md", text = "A lease whose holder died expires after two minutes.", metadata = new { topic = "time" } },
                new { id = "code", title = "Code", path = "Parser.cs", text = "namespace P;\n\npublic sealed class Parser\n{\n    public int Read(string text) => text.Length;\n}\n" },
                new { id = "gone", title = "Gone", path = "gone.md", text = "This one is deleted." },
            },
        });
        var changed = new { id = "leases", title = "Leases", path = "leases.md", text = "A lease whose holder died expires after three minutes." };
        await PostAsync("/api/collections/kept/documents", new { documents = new[] { changed } });
        await SendAsync(HttpMethod.Delete, "/api/collections/kept/documents/gone");
    }

    private async Task<string> TalkAsync(string title)
    {
        var session = IdOf(await PostAsync("/api/sessions", new { title, collections = new[] { "kept" } }));
        await AskAsync(session, "When does a lease expire whose holder died?");
        return session;
    }

    private async Task<string> AskAsync(string session, string message) =>
        (await PostAsync($"/api/sessions/{session}/turns", new { message })).GetProperty("turnId").GetString()!;

    private Task CompleteAsync(string secret, string question) =>
        SendAsync(HttpMethod.Post, "/v1/chat/completions", new { model = "default", messages = new[] { new { role = "user", content = question } } }, secret);

    private async Task<string> LeaveUnderWayAsync(string session, ScriptedUpstream upstream)
    {
        upstream.Enqueue(Reply.Stall());
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/sessions/{session}/turns") { Content = JsonContent.Create(new { message = Stalled, model = "slow" }) };
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var response = await server.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await upstream.NextRequestAsync();
        return (await server.GetFromJsonAsync<JsonElement>($"/api/sessions/{session}")).GetProperty("activeTurnId").GetString()!;
    }

    private async Task KeepAsync(params string[] paths)
    {
        foreach (var path in paths)
            await KeepAsync(path, null, null);
    }

    private async Task KeepAsync(string path, string? body, string? secret) => _questions.Add(new KeptQuestion(path, body, secret, await ReadAsync(path, body, secret)));

    private Task<JsonElement> ReadAsync(string path, string? body = null, string? secret = null) =>
        SendAsync(body is null ? HttpMethod.Get : HttpMethod.Post, path, body is null ? null : JsonSerializer.Deserialize<JsonElement>(body), secret);

    private Task<JsonElement> PostAsync(string path, object body) => SendAsync(HttpMethod.Post, path, body);

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, object? body = null, string? secret = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        if (secret is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        using var response = await server.SendAsync(request);
        var answer = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{method} {path}: {(int)response.StatusCode} {answer}");
        return answer.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(answer);
    }

    private static string IdOf(JsonElement made) => made.GetProperty("id").GetString()!;
}
