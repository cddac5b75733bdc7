using System.Text;
using OrleansChat.Bench.Hosting;
using OrleansChat.Core.Settings;
using OrleansChat.Testing;

namespace OrleansChat.Bench.Soak;

/// <summary>
/// Clients break their connections off at random places of their turns and read on over new ones, server-sent events and sockets mixed, until they have the
/// end; each transcript is then held against what the upstream said. Everything is drawn from the seed but the order among the chats.
/// </summary>
internal static class SoakRun
{
    private const int MaxPieces = 400;
    private const int TurnsPerSession = 8;
    private const int MaxEventsAtOnce = 24;

    // The upstream says nothing while no connection reads, and on a busy machine that may be for a while.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private static readonly string[] Alphabet = ["word ", "grün ", "日本", "😀", "e\u0301", "\n", "\"", "\\", "data: ", " ", "longer piece of an answer, "];

    /// <summary>Runs until enough connections were broken off.</summary>
    /// <param name="seed">Where all chance comes from.</param>
    /// <param name="goOn">Whether another turn is to be begun.</param>
    /// <param name="chats">Chats at a time.</param>
    /// <param name="connectionsPerSecond">Connections that are opened a second at most, all chats together; 0 for as many as there can be.</param>
    /// <returns>What was seen.</returns>
    public static async Task<SoakReport> RunAsync(int seed, Func<SoakReport, bool> goOn, int chats = 32, double connectionsPerSecond = 0)
    {
        await using var upstream = await ScriptedUpstream.StartAsync();
        var script = new SoakScript();
        upstream.ForgetsRequests = true;
        upstream.Fallback = request => script.Answer(request.Body);
        await using var server = await BenchServer.StartAsync(new OrleansChatOptions
        {
            Upstreams = [new UpstreamOptions { Id = "scripted", BaseUrl = upstream.BaseUrl, Timeout = Patience, FirstTokenTimeout = Patience, TokenTimeout = Patience }],
            Models = [new ModelOptions { Id = "default", Route = ["scripted/any"] }],
            Sessions = new SessionOptions { Summaries = false, Passages = 0 },
        });
        var report = new SoakReport();
        var pace = new SoakPace(connectionsPerSecond);
        using var http = new HttpClient { BaseAddress = server.Address };
        await Task.WhenAll(Enumerable.Range(0, chats).Select(chat => Task.Run(() => ChatAsync(new Random(seed + chat), http, script, pace, report, goOn))));
        return report;
    }

    private static async Task ChatAsync(Random random, HttpClient http, SoakScript script, SoakPace pace, SoakReport report, Func<SoakReport, bool> goOn)
    {
        var client = await BeginAsync(http, report);
        for (var turn = 1; goOn(report); turn++)
        {
            if (turn % TurnsPerSession == 0)
                client = await BeginAsync(http, report);

            var name = $"turn {Guid.CreateVersion7()}";
            var pieces = Enumerable.Range(0, random.Next(1, MaxPieces)).Select(_ => Piece(random)).ToArray();
            using var gate = new StreamGate();
            script.Add(name, pieces, gate, random.Next(4) == 0 ? random.Next(1, 20) : 0);
            try
            {
                var transcript = new SoakTranscript();
                await ReadAsync(random, client, name, gate, transcript, pace, report);
                await CompareAsync(random, client, transcript, string.Concat(pieces), report);
                report.TurnEnded((int)transcript.Last);
            }
            catch (Exception fault)
            {
                report.Deviations.Enqueue($"{name}: {fault.GetType().Name}: {fault.Message}");
                client = await BeginAsync(http, report);
            }
        }
    }

    private static async Task<SoakClient> BeginAsync(HttpClient http, SoakReport report)
    {
        var id = "";
        await AskAsync(report, async () => id = await SoakClient.MakeSessionAsync(http));
        return new SoakClient(http, id);
    }

    /// <summary>Reads a turn in portions, each on a connection of its own.</summary>
    private static async Task ReadAsync(Random random, SoakClient client, string name, StreamGate gate, SoakTranscript transcript, SoakPace pace, SoakReport report)
    {
        // Only a turn of a client's own id can be begun again by a client that does not know whether it began.
        var startsOnSocket = random.Next(2) == 0;
        while (!transcript.IsComplete)
        {
            await pace.NextAsync();

            // The upstream is let on as far as this connection reads, or to its end, so most connections break off while the turn runs.
            var events = random.Next(1, MaxEventsAtOnce);
            if (random.Next(30) == 0)
                gate.Open();
            else
                gate.Release(events + random.Next(3));
            var polite = random.Next(2) == 0;
            if (transcript.TurnId is not null && random.Next(2) == 0)
                await AskAsync(report, () => client.ResumeAsync(transcript, events, polite, random.Next(2) == 0));
            else if (transcript.TurnId is not null)
                await AskAsync(report, () => client.ResumeOnSocketAsync(transcript, events, polite));
            else if (startsOnSocket)
                await AskAsync(report, () => client.StartOnSocketAsync(transcript, name, events, polite));
            else
                await AskAsync(report, () => client.StartAsync(transcript, new { message = name, clientTurnId = name }, random.Next(3) == 0 ? 0 : events, polite));
            report.Disconnected(isLive: !transcript.IsComplete && gate.IsHolding);
        }
    }

    /// <summary>Asks until the server takes it: what it refuses has not begun.</summary>
    private static async Task AskAsync(SoakReport report, Func<Task> ask)
    {
        while (true)
        {
            try
            {
                await ask();
                return;
            }
            catch (SoakRefusedException refused)
            {
                report.Refused();
                await Task.Delay(refused.RetryAfter);
            }
        }
    }

    private static async Task CompareAsync(Random random, SoakClient client, SoakTranscript transcript, string expected, SoakReport report)
    {
        if (transcript.Text != expected)
            throw new InvalidDataException($"{transcript.Text.Length} characters instead of {expected.Length}");

        var whole = new SoakTranscript { TurnId = transcript.TurnId };
        if (random.Next(2) == 0)
            await AskAsync(report, () => client.ResumeAsync(whole, int.MaxValue, true, false));
        else
            await AskAsync(report, () => client.ResumeOnSocketAsync(whole, int.MaxValue, true));
        if (whole.Text != expected || whole.Last != transcript.Last)
            throw new InvalidDataException($"read again: {whole.Text.Length} characters in {whole.Last} events instead of {expected.Length} in {transcript.Last}");
    }

    private static string Piece(Random random)
    {
        var piece = new StringBuilder();
        for (var parts = random.Next(1, 5); parts > 0; parts--)
            piece.Append(Alphabet[random.Next(Alphabet.Length)]);
        return piece.ToString();
    }
}
