using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Turns;
using OrleansChat.GatewayApi.Json;
using OrleansChat.GatewayApi.Problems;
using OrleansChat.GatewayApi.Streams;
using OrleansChat.GatewayApi.Turns;

namespace OrleansChat.GatewayApi.Sockets;

/// <summary>Writes frames to a socket, one at a time, from whichever turn has one.</summary>
internal sealed class SocketWriter(WebSocket socket, string correlationId, TimeSpan sendTimeout, TimeProvider clock, Action abort) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private Task? _stuck;
    private bool _isCut;

    /// <summary>Sends an event of a turn as its frames.</summary>
    public async ValueTask SendAsync(string? id, string turnId, TurnEvent entry, CancellationToken cancellationToken)
    {
        await SendAsync(
            writer =>
            {
                switch (entry)
                {
                    case TurnStarted started:
                        WriteToken(writer, id, turnId, entry.Sequence, "manager", started.Announcement);
                        break;
                    case TurnDelta delta:
                        WriteToken(writer, id, turnId, entry.Sequence, "token", delta.Text);
                        break;
                    case TurnCitation:
                        WriteHead(writer, "citation", id, turnId, entry.Sequence);
                        writer.WritePropertyName("data");
                        TurnEventJson.Write(writer, entry, correlationId);
                        break;
                    default:
                        WriteHead(writer, "status", id, turnId, entry.Sequence);
                        writer.WriteString("status", StatusOf(entry));
                        TurnEventJson.WriteMembers(writer, entry, correlationId);
                        break;
                }
            },
            cancellationToken);
        if (entry is TurnStarted)
            await SendStatusAsync(id, turnId, TurnStatus.Processing, cancellationToken);
    }

    /// <summary>Sends what a turn is at, beside its events.</summary>
    public ValueTask SendStatusAsync(string? id, string turnId, TurnStatus status, CancellationToken cancellationToken) => SendAsync(
        writer =>
        {
            WriteHead(writer, "status", id, turnId, null);
            writer.WriteString("status", JsonNamingPolicy.CamelCase.ConvertName(status.ToString()));
        },
        cancellationToken);

    /// <summary>Sends a problem.</summary>
    public ValueTask SendErrorAsync(string? id, string? turnId, Problem problem, CancellationToken cancellationToken) => SendAsync(
        writer =>
        {
            WriteHead(writer, "error", id, turnId, null);
            ProblemJson.WriteMembers(writer, problem, correlationId);
        },
        cancellationToken);

    /// <summary>Sends a sign of life.</summary>
    public ValueTask SendPongAsync(string? id, CancellationToken cancellationToken) =>
        SendAsync(writer => WriteHead(writer, "pong", id, null, null), cancellationToken);

    /// <summary>Sends a frame whose members are written into one object.</summary>
    public async ValueTask SendAsync(Action<Utf8JsonWriter> write, CancellationToken cancellationToken)
    {
        var frame = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(frame, GatewayJson.Writer))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        await _gate.WaitAsync(cancellationToken);
        var isFree = true;
        try
        {
            if (_isCut)
                throw new SlowReaderException(isOnItsWay: false);

            // Nearly always the socket's buffer takes the frame at once, and no clock is needed.
            var sending = socket.SendAsync(frame.WrittenMemory, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
            if (sending.IsCompleted)
            {
                await sending;
                return;
            }

            var task = sending.AsTask();
            isFree = await IsReadAsync(task);
            if (!isFree)
            {
                _stuck = task;
                throw new SlowReaderException(isOnItsWay: true);
            }
        }
        finally
        {
            // A frame that is on its way keeps its place: nothing may be sent into the middle of it.
            if (isFree)
                _gate.Release();
        }
    }

    /// <summary>
    /// Gives the client as much time again to read the frame that it was too slow for. If it does, nothing but what ends the socket is sent from then on.
    /// </summary>
    /// <returns>Whether the frame was read; otherwise the connection can only be cut.</returns>
    public async ValueTask<bool> IsReadAfterAllAsync()
    {
        if (_stuck is not { } stuck || !await IsReadAsync(stuck))
            return false;
        _isCut = true;
        _stuck = null;
        _gate.Release();
        return true;
    }

    /// <summary>Tells where a turn can be resumed by another connection. Sent even to a client that was too slow.</summary>
    public async ValueTask SendGoingAwayAsync(string reason, string turnId, long after, CancellationToken cancellationToken)
    {
        var frame = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(frame, GatewayJson.Writer))
        {
            writer.WriteStartObject();
            writer.WriteString("type", "going_away");
            writer.WriteString("reason", reason);
            writer.WriteStartObject("data");
            writer.WriteString("turnId", turnId);
            writer.WriteNumber("after", after);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        await _gate.WaitAsync(cancellationToken);
        try
        {
            await socket.SendAsync(frame.WrittenMemory, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Ends the connection without a closing frame.</summary>
    public void Abort() => abort();

    /// <summary>Sends the closing frame, after whatever is being sent.</summary>
    public async ValueTask CloseAsync(WebSocketCloseStatus status, string reason, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await socket.CloseOutputAsync(status, reason, cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    /// <summary>Begins a frame.</summary>
    public static void WriteHead(Utf8JsonWriter writer, string type, string? id, string? turnId, long? sequence)
    {
        writer.WriteString("type", type);
        if (id is not null)
            writer.WriteString("id", id);
        if (sequence is { } number)
            writer.WriteNumber("seq", number);
        if (turnId is not null)
            writer.WriteString("turnId", turnId);
    }

    private async ValueTask<bool> IsReadAsync(Task sending)
    {
        try
        {
            await sending.WaitAsync(sendTimeout, clock);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private static void WriteToken(Utf8JsonWriter writer, string? id, string turnId, long sequence, string kind, string content)
    {
        WriteHead(writer, "stream_token", id, turnId, sequence);
        writer.WriteStartObject("data");
        writer.WriteString("type", kind);
        writer.WriteString("content", content);
        writer.WriteEndObject();
    }

    private static string StatusOf(TurnEvent entry) => entry switch
    {
        TurnRestarted => "restarted",
        TurnCompleted => "completed",
        TurnCancelled => "cancelled",
        TurnFailed => "failed",
        _ => "interrupted",
    };
}
