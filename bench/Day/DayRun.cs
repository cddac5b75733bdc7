using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using OrleansChat.Bench.Overhead;

namespace OrleansChat.Bench.Day;

/// <summary>
/// A day's turns, compressed by an upstream that answers at once: sessions are made, talked to and removed again, against the executable with limits, budgets and ledger on. What a
/// turn leaves behind for good shows in what the process holds between them.
/// </summary>
internal sealed class DayRun : IAsyncDisposable
{
    private const int Callers = 8;
    private const int TurnsOfASession = 5;

    // What is looked for is what turns leave, however busy the machine: nobody is turned away for its being late.
    private static readonly string[] Unhurried = ["Gateway:MaxLag=00:00:00", "Gateway:MaxSlowdown=0"];

    private readonly ChildProcess _upstream;
    private readonly ChildProcess _server;
    private readonly HttpClient _http;

    private DayRun(ChildProcess upstream, ChildProcess server)
    {
        (_upstream, _server) = (upstream, server);
        _http = new HttpClient { BaseAddress = new Uri(server.Address), Timeout = TimeSpan.FromMinutes(2) };
        _http.DefaultRequestHeaders.Add("x-api-key", GatewaySettings.Secret);
    }

    public static async Task<DayRun> StartAsync()
    {
        var upstream = await ChildProcess.StartBenchAsync("overhead-upstream");
        return new DayRun(upstream, await ChildProcess.StartServerAsync([.. Unhurried, .. GatewaySettings.For(upstream.Address)]));
    }

    /// <summary>Starts a run of several days, whose nights take no time.</summary>
    /// <param name="retentionDays">The days for which ledgers keep single settlements.</param>
    public static async Task<DayRun> StartDaysAsync(int retentionDays)
    {
        var upstream = await ChildProcess.StartBenchAsync("overhead-upstream");

        // A night that takes no time is a timer that is hours late, as on a machine that does not keep up.
        string[] settings = ["Urls=http://127.0.0.1:0", .. Unhurried, $"Ledger:RetentionDays={retentionDays}", .. GatewaySettings.For(upstream.Address)];
        return new DayRun(upstream, await ChildProcess.StartBenchAsync(["day-server", .. settings.Select(setting => $"--OrleansChat:{setting}")]));
    }

    /// <summary>Gives back what compaction can.</summary>
    public async Task CompactAsync() => (await SendAsync(HttpMethod.Post, DayServer.Compact, null)).Dispose();

    /// <summary>Goes on at the same time of the next day.</summary>
    public async Task NextDayAsync() => (await SendAsync(HttpMethod.Post, DayServer.Next, null)).Dispose();

    /// <summary>Runs turns, at least as many as asked for.</summary>
    public async Task TurnAsync(int turns)
    {
        var left = turns;
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(async _ =>
        {
            while (Interlocked.Add(ref left, -TurnsOfASession) > -TurnsOfASession)
                await ChatAsync();
        }));
    }

    /// <summary>What the process holds now.</summary>
    public async Task<DayReading> ReadAsync()
    {
        var page = await _http.GetStringAsync("/metrics");
        return new DayReading(
            _server.ResidentBytes, _server.Handles, Value("orleanschat_journal_live_bytes"), Value("orleanschat_journal_garbage_bytes"), _server.FolderBytes);

        long Value(string name) => (long)double.Parse(
            page.Split('\n').First(line => line.StartsWith(name + " ", StringComparison.Ordinal)).Split(' ')[1], CultureInfo.InvariantCulture);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    private async Task ChatAsync()
    {
        using var made = await SendAsync(HttpMethod.Post, "/api/sessions", new { });
        var session = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString();
        for (var i = 0; i < TurnsOfASession; i++)
            (await SendAsync(HttpMethod.Post, $"/api/sessions/{session}/turns", new { message = $"What is said in turn {i}?" })).Dispose();
        (await SendAsync(HttpMethod.Delete, $"/api/sessions/{session}", null)).Dispose();
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        var response = await _http.SendAsync(request);
        return response.IsSuccessStatusCode ? response : throw new InvalidOperationException($"{path}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
    }
}

/// <summary>What a process holds at a moment.</summary>
/// <param name="Resident">Bytes in memory.</param>
/// <param name="Handles">Open files and sockets.</param>
/// <param name="Live">Bytes of the journal's records that are needed.</param>
/// <param name="Garbage">Bytes of it that compaction gives back.</param>
/// <param name="Folder">Bytes of the data folder.</param>
internal sealed record DayReading(long Resident, int Handles, long Live, long Garbage, long Folder)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"resident {Resident >> 20,4} MiB   handles {Handles,4}   journal live {Live / 1024.0,8:0} KiB, garbage {Garbage >> 20,4} MiB, folder {Folder >> 20,4} MiB");
}
