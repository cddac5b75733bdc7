using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OrleansChat.Standalone.Tests.Executable;
using OrleansChat.Standalone.Tests.Journals;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Standalone.Tests.Search;

/// <summary>
/// A migration of the executable, killed at random calls of its embedding model, while documents come, change and go and queries are asked. The model lives
/// here and decides when the process dies: in the middle of a call that it has made.
/// </summary>
public sealed class MigrationKillTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Documents = 300;
    private const int Kills = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<int, string?> _expected = [];
    private ScriptedUpstream _upstream = null!;
    private ServerProcess _server = null!;
    private (int Document, string? State)? _unknown;
    private int _callsToDeath = int.MaxValue;
    private volatile bool _isDying;

    public async Task InitializeAsync()
    {
        _upstream = await ScriptedUpstream.StartAsync();
        _upstream.Fallback = _ =>
        {
            if (Interlocked.Decrement(ref _callsToDeath) != 0)
                return Reply.Embeddings(8);
            return Reply.Custom(async (_, _) =>
            {
                _isDying = true;
                await _server.KillAsync();
            });
        };
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        await _upstream.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Migration_KilledAtRandomPointsUnderWrites_FailsNoQueryMixesNothingAndSwitchesOnce()
    {
        var random = Seed.Print(output);
        await StartAsync();
        using (var created = await _server.Http.PutAsync("/api/collections/docs", null))
            Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        for (var first = 0; first < Documents; first += 100)
            await SendAsync([.. Enumerable.Range(first, 100).Select(i => (i, (string?)"first"))]);

        using var accepted = await _server.Http.PostAsJsonAsync("/api/collections/docs/migrations", new { embeddingModel = "scripted/e" });
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        var path = accepted.Headers.Location!.ToString();
        await WorkThroughAsync(path, "completed", Kills, fromVersion: 1, toVersion: 2, random);
        await CheckAsync();

        using (var rollback = await _server.Http.PostAsync($"{path}/rollback", null))
            Assert.Equal(HttpStatusCode.Accepted, rollback.StatusCode);
        await WorkThroughAsync(path, "rolledBack", kills: 0, fromVersion: 2, toVersion: 1, random);
        await CheckAsync();
    }

    private async Task WorkThroughAsync(string path, string end, int kills, int fromVersion, int toVersion, Random random)
    {
        var start = TimeProvider.System.GetTimestamp();
        var version = fromVersion;
        for (var round = 0; ; round++)
        {
            Volatile.Write(ref _callsToDeath, round < kills ? random.Next(1, 5) : int.MaxValue);
            while (!_isDying)
            {
                Assert.True(TimeProvider.System.GetElapsedTime(start) < Patience, $"The migration never came to '{end}'.");
                try
                {
                    await WriteAsync(random, round);
                    await AskAsync();
                    var serving = (await GetAsync("/api/collections/docs")).GetProperty("version").GetInt32();
                    Assert.True(serving == version || (serving, version) == (toVersion, fromVersion), $"Version {serving} after {version}.");
                    version = serving;
                    if ((await GetAsync(path)).GetProperty("status").GetString() != end)
                        continue;

                    // The switch may have come between the two questions.
                    Assert.Equal(toVersion, (await GetAsync("/api/collections/docs")).GetProperty("version").GetInt32());
                    return;
                }
                catch (Exception lost) when (_isDying && lost is HttpRequestException or IOException or OperationCanceledException)
                {
                    // The process died under it.
                }
            }

            await _server.ExitAsync();
            await _server.DisposeAsync();
            await StartAsync();
            output.WriteLine($"killed and started again, version {version}");
        }
    }

    // What a writer was not told of, it sends again until it is, as clients do.
    private async Task WriteAsync(Random random, int round)
    {
        var (document, state) = _unknown ?? (random.Next(Documents), random.Next(4) == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"round{round} {random.Next()}"));
        _unknown = (document, state);
        if (state is null)
        {
            using var deleted = await _server.Http.DeleteAsync($"/api/collections/docs/documents/d{document}");
            Assert.True(deleted.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.NotFound, $"{deleted.StatusCode}");
            _expected[document] = null;
        }
        else
        {
            await SendAsync([(document, state)]);
        }

        _unknown = null;
    }

    private async Task SendAsync((int Document, string? State)[] documents)
    {
        using var response = await _server.Http.PostAsJsonAsync(
            "/api/collections/docs/documents", new { documents = documents.Select(document => new { id = $"d{document.Document}", text = Text(document.Document, document.State!) }) });
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(0, (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("rejected").GetArrayLength());
        foreach (var (document, state) in documents)
            _expected[document] = state;
    }

    private async Task AskAsync()
    {
        var hits = await SearchAsync("common words", "hybrid");

        // One version holds each document once.
        Assert.Equal(hits.Length, hits.Select(hit => hit.Id).Distinct().Count());
        Assert.NotEmpty(hits);
    }

    private async Task CheckAsync()
    {
        Assert.Equal(_expected.Count(document => document.Value is not null), (await GetAsync("/api/collections/docs")).GetProperty("documents").GetInt32());
        foreach (var (document, state) in _expected)
        {
            var found = (await SearchAsync($"number{document}x", "lexical")).Where(hit => hit.Id == $"d{document}").Select(hit => hit.Text);
            Assert.Equal(state is null ? [] : [Text(document, state)], found);
        }
    }

    private async Task<(string Id, string Text)[]> SearchAsync(string query, string mode)
    {
        using var response = await _server.Http.PostAsJsonAsync("/api/search", new { query, collection = "docs", limit = 100, mode });
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        return [.. answer.GetProperty("hits").EnumerateArray().Select(hit => (hit.GetProperty("documentId").GetString()!, hit.GetProperty("text").GetString()!))];
    }

    private async Task<JsonElement> GetAsync(string path) => await _server.Http.GetFromJsonAsync<JsonElement>(path);

    private async Task StartAsync()
    {
        _isDying = false;
        _server = await ServerProcess.StartAsync(
            _folder.Path,
            ["--OrleansChat:Upstreams:0:Id=scripted", $"--OrleansChat:Upstreams:0:BaseUrl={_upstream.BaseUrl}", "--OrleansChat:Upstreams:0:MaxRetries=0", "--OrleansChat:Logging:Level=Warning"]);
    }

    private static string Text(int document, string state) => $"Common words of number{document}x in state {state}.";
}
