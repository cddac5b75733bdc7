using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace OrleansChat.Testing;

/// <summary>A chat socket as a client sees it.</summary>
public sealed class SocketClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The socket itself.</summary>
    public ClientWebSocket Socket { get; } = new();

    /// <summary>Opens one, with a key if there is one.</summary>
    public static async Task<SocketClient> OpenAsync(Uri address, string session = "session-1", string client = "client-1", string? key = null)
    {
        var socket = new SocketClient();
        if (key is not null)
            socket.Socket.Options.SetRequestHeader("x-api-key", key);
        await socket.Socket.ConnectAsync(new Uri($"ws://{address.Authority}/chat/ws/{client}/{session}"), CancellationToken.None);
        return socket;
    }

    /// <summary>Sends a frame as JSON.</summary>
    public Task SendAsync(object frame) => SendAsync(JsonSerializer.Serialize(frame));

    /// <summary>Sends a text message.</summary>
    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text);

    /// <summary>Sends a message.</summary>
    public Task SendAsync(byte[] bytes, WebSocketMessageType type) => Socket.SendAsync(bytes, type, true, CancellationToken.None);

    /// <summary>The next frame; undefined when the server has closed.</summary>
    public async Task<JsonElement> ReceiveAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        using var frame = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var result = await Socket.ReceiveAsync(buffer, patience.Token);
            if (result.MessageType is WebSocketMessageType.Close)
                return default;
            frame.Write(buffer, 0, result.Count);
            if (result.EndOfMessage)
                return JsonElement.Parse(frame.ToArray());
        }
    }

    /// <summary>Frames up to the first that ends a turn or is an error.</summary>
    public async Task<List<JsonElement>> ReceiveTurnAsync()
    {
        var frames = new List<JsonElement>();
        while (true)
        {
            var frame = await ReceiveAsync();
            frames.Add(frame);
            if (Type(frame) == "error" || (Type(frame) == "status" && frame.GetProperty("status").GetString() is not ("processing" or "restarted")))
                return frames;
        }
    }

    /// <summary>The type of a frame.</summary>
    public static string? Type(JsonElement frame) => frame.GetProperty("type").GetString();

    /// <inheritdoc/>
    public void Dispose() => Socket.Dispose();
}
