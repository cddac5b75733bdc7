using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json;

namespace OrleansChat.Bench.Soak;

/// <summary>Reads a turn over server-sent events or a socket, as far as it is told, and then breaks the connection off.</summary>
internal sealed class SoakClient(HttpClient http, string session)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Makes a session.</summary>
    /// <returns>Its id.</returns>
    public static async Task<string> MakeSessionAsync(HttpClient http)
    {
        using var made = await http.PostAsync("/api/sessions", null);
        ThrowIfRefused(made);
        return JsonElement.Parse(await made.Content.ReadAsStringAsync()).GetProperty("id").GetString()!;
    }

    /// <summary>Starts the turn, or finds it again by the client's own id, and reads some events.</summary>
    public Task StartAsync(SoakTranscript transcript, object body, int events, bool polite) =>
        ReadEventsAsync(transcript, new HttpRequestMessage(HttpMethod.Post, $"/api/sessions/{session}/turns") { Content = JsonContent.Create(body) }, events, polite);

    /// <summary>Starts the turn over a socket and reads some frames.</summary>
    public Task StartOnSocketAsync(SoakTranscript transcript, string message, int events, bool polite) =>
        ReadFramesAsync(transcript, new { type = "chat", data = new { message } }, events, polite);

    /// <summary>Reads on over server-sent events.</summary>
    public Task ResumeAsync(SoakTranscript transcript, int events, bool polite, bool byHeader)
    {
        var path = $"/api/sessions/{session}/turns/{transcript.TurnId}/events";
        var request = new HttpRequestMessage(HttpMethod.Get, byHeader ? path : $"{path}?after={transcript.Last}");
        if (byHeader)
            request.Headers.Add("Last-Event-ID", $"{transcript.Last}");
        return ReadEventsAsync(transcript, request, events, polite);
    }

    /// <summary>Reads on over a socket.</summary>
    public Task ResumeOnSocketAsync(SoakTranscript transcript, int events, bool polite) =>
        ReadFramesAsync(transcript, new { type = "resume", data = new { turnId = transcript.TurnId, after = transcript.Last } }, events, polite);

    private async Task ReadEventsAsync(SoakTranscript transcript, HttpRequestMessage request, int events, bool polite)
    {
        using var patience = new CancellationTokenSource(Patience);
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
        ThrowIfRefused(response);
        if (!response.IsSuccessStatusCode)
            throw new InvalidDataException($"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync(patience.Token)}");

        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(patience.Token));
        var (id, name, data) = (0L, "", "");
        while (events > 0 && !transcript.IsComplete && await reader.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal))
                id = long.Parse(line.AsSpan(4), System.Globalization.CultureInfo.InvariantCulture);
            else if (line.StartsWith("event: ", StringComparison.Ordinal))
                name = line[7..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
                data = line[6..];
            else if (line.Length == 0 && name.Length > 0)
            {
                var json = JsonElement.Parse(data);
                transcript.TurnId ??= json.TryGetProperty("turnId", out var turn) ? turn.GetString() : null;
                transcript.Take(id, name, name == "turn.delta" ? json.GetProperty("text").GetString() : null);
                name = "";
                events--;
            }
        }

        // A polite client reads what is there already before it goes; any other leaves the server to find out.
        if (polite && transcript.IsComplete)
            await reader.ReadToEndAsync(patience.Token);
    }

    private static void ThrowIfRefused(HttpResponseMessage response)
    {
        if (response.StatusCode is HttpStatusCode.ServiceUnavailable)
            throw new SoakRefusedException(response.Headers.RetryAfter?.Delta);
    }

    private async Task ReadFramesAsync(SoakTranscript transcript, object first, int events, bool polite)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        try
        {
            await socket.ConnectAsync(new Uri($"ws://{http.BaseAddress!.Authority}/chat/ws/soak/{session}"), patience.Token);
        }
        catch (WebSocketException) when (socket.HttpStatusCode is HttpStatusCode.ServiceUnavailable)
        {
            throw new SoakRefusedException(null);
        }

        await socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(first), WebSocketMessageType.Text, true, patience.Token);
        using var frame = new MemoryStream();
        var buffer = new byte[4 * 1024];
        for (; events > 0 && !transcript.IsComplete; events--)
        {
            frame.SetLength(0);
            ValueWebSocketReceiveResult part;
            do
            {
                part = await socket.ReceiveAsync(buffer.AsMemory(), patience.Token);
                frame.Write(buffer, 0, part.Count);
            }
            while (!part.EndOfMessage);
            if (part.MessageType is WebSocketMessageType.Close)
                throw new InvalidDataException($"turn {transcript.TurnId}: closed with {socket.CloseStatus}");
            var json = JsonElement.Parse(frame.ToArray());
            if (json.GetProperty("type").GetString() == "error" && json.GetProperty("status").GetInt32() == (int)HttpStatusCode.ServiceUnavailable)
                throw new SoakRefusedException(null);
            transcript.Take(json);
        }

        if (polite)
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", patience.Token);
        else
            socket.Abort();
    }
}
