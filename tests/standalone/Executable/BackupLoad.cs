using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace OrleansChat.Standalone.Tests.Executable;

/// <summary>What a server has acknowledged: turns of sessions, each with its question and its answer, documents, a key, and the report of what was used.</summary>
internal sealed record AcknowledgedWork(
    IReadOnlyList<(string Session, string Question, string Answer)> Turns, IReadOnlyList<string> Documents, string Secret, JsonElement Usage);

/// <summary>Clients of a server who write all the time and remember what was acknowledged.</summary>
internal sealed class BackupLoad(HttpClient server)
{
    private const string Collection = "kept";

    private readonly ConcurrentQueue<(string Session, string Question, string Answer)> _turns = new();
    private readonly ConcurrentQueue<string> _documents = new();
    private string _secret = "";

    /// <summary>Turns that were acknowledged.</summary>
    public int Turns => _turns.Count;

    /// <summary>Documents that were acknowledged.</summary>
    public int Documents => _documents.Count;

    /// <summary>Makes a key, and then writes until it is stopped.</summary>
    public async Task WriteAsync(CancellationToken stop)
    {
        using var made = await server.PostAsJsonAsync("/api/keys", new { id = "made" }, CancellationToken.None);
        _secret = (await Json.ReadAsync(made)).GetProperty("secret").GetString()!;
        using (var collection = await server.PutAsJsonAsync($"/api/collections/{Collection}", new { }, CancellationToken.None))
            collection.EnsureSuccessStatusCode();
        await Task.WhenAll([.. Enumerable.Range(0, 3).Select(writer => TalkAsync(writer, stop)), IndexAsync(stop)]);
    }

    /// <summary>What was acknowledged by now.</summary>
    public async Task<AcknowledgedWork> SoFarAsync()
    {
        var turns = _turns.ToArray();
        var documents = _documents.ToArray();
        return new AcknowledgedWork(turns, documents, _secret, await UsageAsync(server));
    }

    /// <summary>A server has all that was acknowledged, and opens for the key that was made.</summary>
    public static async Task CheckAsync(HttpClient server, AcknowledgedWork before)
    {
        foreach (var (session, question, answer) in before.Turns)
        {
            var messages = (await server.GetFromJsonAsync<JsonElement>($"/api/sessions/{session}")).GetProperty("messages").EnumerateArray();
            Assert.Equal([("user", question), ("assistant", answer)], messages.Select(message => (message.GetProperty("role").GetString()!, message.GetProperty("content").GetString()!)));
        }

        foreach (var document in before.Documents)
        {
            using var found = await server.PostAsJsonAsync("/api/search", new { query = document, collection = Collection, limit = 1 });
            var hit = Assert.Single((await Json.ReadAsync(found)).GetProperty("hits").EnumerateArray());
            Assert.Equal((document, $"The word of this one is {document}."), (hit.GetProperty("documentId").GetString(), hit.GetProperty("text").GetString()));
        }

        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(server, before.Secret));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusOfAsync(server, before.Secret[..^1] + (before.Secret[^1] == 'A' ? 'B' : 'A')));

        // What was reserved when the backup was taken is charged beside it.
        var usage = await UsageAsync(server);
        foreach (var figure in (string[])["requests", "inputTokens", "outputTokens", "costUsd"])
            Assert.InRange(usage.GetProperty(figure).GetDecimal(), before.Usage.GetProperty(figure).GetDecimal(), decimal.MaxValue);
        Assert.InRange(before.Usage.GetProperty("requests").GetInt64(), before.Turns.Count, long.MaxValue);
        Assert.InRange(before.Usage.GetProperty("costUsd").GetDecimal(), 0.000001m, decimal.MaxValue);
    }

    private async Task TalkAsync(int writer, CancellationToken stop)
    {
        for (var n = 0; !stop.IsCancellationRequested; n++)
        {
            var question = string.Create(CultureInfo.InvariantCulture, $"Is question {n} of writer {writer} kept?");
            using var created = await server.PostAsJsonAsync("/api/sessions", new { title = "kept" }, CancellationToken.None);
            var session = (await Json.ReadAsync(created)).GetProperty("id").GetString()!;
            using var turn = await server.PostAsJsonAsync($"/api/sessions/{session}/turns", new { message = question }, CancellationToken.None);
            _turns.Enqueue((session, question, (await Json.ReadAsync(turn)).GetProperty("message").GetProperty("content").GetString()!));
        }
    }

    private async Task IndexAsync(CancellationToken stop)
    {
        for (var n = 0; !stop.IsCancellationRequested; n++)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"heliotrope{n}");
            var body = new { documents = new[] { new { id, text = $"The word of this one is {id}." } } };
            using var indexed = await server.PostAsJsonAsync($"/api/collections/{Collection}/documents", body, CancellationToken.None);
            Assert.Equal(1, (await Json.ReadAsync(indexed)).GetProperty("indexed").GetInt32());
            _documents.Enqueue(id);
        }
    }

    private static async Task<JsonElement> UsageAsync(HttpClient server) => (await server.GetFromJsonAsync<JsonElement>("/api/usage")).GetProperty("total");

    private static async Task<HttpStatusCode> StatusOfAsync(HttpClient server, string secret)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/limits") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", secret) } };
        using var response = await server.SendAsync(request);
        return response.StatusCode;
    }
}
