using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace OrleansChat.Cluster.Bench.Streams;

/// <summary>A client that reads one turn's events over a socket of its own and looks only at the moments in its deltas.</summary>
internal sealed class TokenStream : IDisposable
{
    private static readonly byte[] Mark = "\"text\":\""u8.ToArray();

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    /// <summary>Whether a token has come.</summary>
    public bool IsFlowing { get; private set; }

    /// <summary>Starts a turn of a new session.</summary>
    public static async Task<TokenStream> OpenAsync(HttpClient http)
    {
        using var created = await http.PostAsync("/api/sessions", null);
        created.EnsureSuccessStatusCode();
        var session = JsonElement.Parse(await created.Content.ReadAsStringAsync()).GetProperty("id").GetString();
        const string Body = """{"message":"Hello"}""";
        var stream = new TokenStream();
        await stream._socket.ConnectAsync(http.BaseAddress!.Host, http.BaseAddress.Port);
        await stream._socket.SendAsync(Encoding.ASCII.GetBytes(
            $"POST /api/sessions/{session}/turns HTTP/1.1\r\nHost: {http.BaseAddress.Authority}\r\nAccept: text/event-stream\r\n"
            + $"Content-Type: application/json\r\nContent-Length: {Body.Length}\r\n\r\n{Body}"));
        return stream;
    }

    /// <summary>Reads until the connection ends.</summary>
    public async Task ReadAsync(Latencies latencies)
    {
        var buffer = new byte[16 * 1024];
        var held = 0;
        try
        {
            while (await _socket.ReceiveAsync(buffer.AsMemory(held)) is > 0 and var read)
            {
                held += read;
                var used = Take(buffer.AsSpan(0, held), latencies);
                buffer.AsSpan(used, held - used).CopyTo(buffer);
                held -= used;
            }
        }
        catch (SocketException)
        {
            // Closed at the end of the measurement.
        }
        catch (ObjectDisposedException)
        {
            // The same.
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>Counts the whole deltas; returns how many bytes need not be looked at again.</summary>
    private int Take(Span<byte> bytes, Latencies latencies)
    {
        var used = 0;
        while (bytes[used..].IndexOf(Mark) is >= 0 and var at)
        {
            var text = bytes[(used + at + Mark.Length)..];
            var end = text.IndexOf((byte)'"');
            if (end < 0)
                return used + at;

            // A delta may hold several tokens.
            foreach (var token in Encoding.ASCII.GetString(text[..end]).Split(' ', StringSplitOptions.RemoveEmptyEntries))
                latencies.Add(long.Parse(token, System.Globalization.CultureInfo.InvariantCulture));

            IsFlowing = true;
            used += at + Mark.Length + end;
        }

        return Math.Max(used, bytes.Length - Mark.Length);
    }
}
