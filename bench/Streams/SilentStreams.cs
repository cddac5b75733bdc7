using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using OrleansChat.Bench.Search;
using OrleansChat.Testing;

namespace OrleansChat.Bench.Streams;

/// <summary>
/// Opens silent event streams against the executable and prints its resident memory: each is a turn of a session of its own that waits for an
/// upstream which says nothing (<c>--turns N</c> lets several streams read one turn).
/// </summary>
internal static class SilentStreams
{
    private const int DefaultCount = 5_000;
    private const int AtOnce = 32;
    private const double MiB = 1024 * 1024;
    private static readonly TimeSpan Heartbeats = TimeSpan.FromSeconds(20);

    public static async Task<int> RunAsync(string[] args)
    {
        var count = Arguments.Number(args, "--count", DefaultCount);
        var turns = Math.Min(count, Arguments.Number(args, "--turns", count));
        await using var upstream = await ScriptedUpstream.StartAsync();
        upstream.Fallback = _ => Reply.Stall();
        await using var server = await SilentServer.StartAsync(upstream.BaseUrl);
        Console.WriteLine($"started                       {server.ResidentBytes / MiB,8:F0} MiB");

        var watch = Stopwatch.StartNew();
        var opened = new List<(Socket Socket, string Path)>(count);
        foreach (var batch in Enumerable.Range(0, turns).Chunk(AtOnce))
            opened.AddRange(await Task.WhenAll(batch.Select(_ => StartTurnAsync(server))));
        foreach (var batch in Enumerable.Range(turns, count - turns).Chunk(AtOnce))
            opened.AddRange(await Task.WhenAll(batch.Select(i => JoinAsync(server, opened[i % turns].Path))));
        Console.WriteLine($"{count} streams on {turns} turns   {server.ResidentBytes / MiB,8:F0} MiB, opened in {watch.Elapsed.TotalSeconds:F1} s");

        await Task.Delay(Heartbeats);
        Console.WriteLine($"after a round of heartbeats   {server.ResidentBytes / MiB,8:F0} MiB");
        foreach (var (socket, _) in opened)
            socket.Dispose();
        return 0;
    }

    private static async Task<(Socket, string)> StartTurnAsync(SilentServer server)
    {
        using var created = await server.Http.PostAsync("/api/sessions", null);
        var session = JsonElement.Parse(await created.Content.ReadAsStringAsync()).GetProperty("id").GetString();
        var path = $"/api/sessions/{session}/turns";
        const string Body = """{"message":"Hello"}""";
        var (socket, answer) = await SendAsync(
            server, $"POST {path} HTTP/1.1\r\nHost: {server.Http.BaseAddress!.Authority}\r\nAccept: text/event-stream\r\nContent-Type: application/json\r\nContent-Length: {Body.Length}\r\n\r\n{Body}");
        var data = answer[(answer.IndexOf("data: ", StringComparison.Ordinal) + 6)..];
        var turn = JsonElement.Parse(data[..data.IndexOf('\n', StringComparison.Ordinal)]).GetProperty("turnId").GetString();
        return (socket, $"{path}/{turn}/events");
    }

    private static async Task<(Socket, string)> JoinAsync(SilentServer server, string path)
    {
        var (socket, _) = await SendAsync(
            server, $"GET {path} HTTP/1.1\r\nHost: {server.Http.BaseAddress!.Authority}\r\nAccept: text/event-stream\r\n\r\n");
        return (socket, path);
    }

    /// <summary>Sends a request over a socket of its own and reads up to the first event.</summary>
    private static async Task<(Socket Socket, string Answer)> SendAsync(SilentServer server, string request)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.Http.BaseAddress!.Host, server.Http.BaseAddress.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes(request));
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        while (!answer.ToString().Contains("data: ", StringComparison.Ordinal) || answer[^1] != '\n')
        {
            var read = await socket.ReceiveAsync(buffer);
            if (read == 0)
                throw new InvalidOperationException($"The server closed: {answer}");
            answer.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }

        return (socket, answer.ToString());
    }
}
