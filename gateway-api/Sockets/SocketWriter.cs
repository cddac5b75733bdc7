using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.Extensions.ObjectPool;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Turns;
using OrleansChat.GatewayApi.Problems;
using OrleansChat.GatewayApi.Streams;

namespace OrleansChat.GatewayApi.Sockets;

/// <summary>Writes frames to a socket, one at a time, from whichever turn has one.</summary>
internal sealed class SocketWriter(
    WebSocket socket, ObjectPool<FrameBuffer> buffers, string correlationId, TimeSpan sendTimeout, TimeProvider clock, Action abort) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private Task? _stuck;
    private bool _isCut;

    /// <summary>Sends an event of a turn as its frames.</summary>
    public ValueTask SendAsync(string? id, string turnId, TurnEvent entry, CancellationToken cancellationToken)
    {
        var frame = buffers.Get();
        TurnFrames.Write(frame.Begin(), id, turnId, entry, correlationId);
        var sending = SendAsync(frame, cancellationToken);
        return entry is TurnStarted ? SendProcessingAsync(sending, id, turnId, cancellationToken) : sending;
    }

    /// <summary>Sends what a turn is at, beside its events.</summary>
    public ValueTask SendStatusAsync(string? id, string turnId, TurnStatus status, CancellationToken cancellationToken) => SendAsync(
        writer =>
        {
            TurnFrames.WriteHead(writer, "status", id, turnId, null);
            writer.WriteString("status", JsonNamingPolicy.CamelCase.ConvertName(status.ToString()));
        },
        cancellationToken);

    /// <summary>Sends a problem.</summary>
    public ValueTask SendErrorAsync(string? id, string? turnId, Problem problem, CancellationToken cancellationToken) => SendAsync(
        writer =>
        {
            TurnFrames.WriteHead(writer, "error", id, turnId, null);
            writer.WriteNumber("status", problem.Status);
            ProblemJson.WriteMembers(writer, problem, correlationId);
        },
        cancellationToken);

    /// <summary>Sends a sign of life.</summary>
    public ValueTask SendPongAsync(string? id, CancellationToken cancellationToken) =>
        SendAsync(writer => TurnFrames.WriteHead(writer, "pong", id, null, null), cancellationToken);

    /// <summary>Sends a frame whose members are written into one object.</summary>
    public ValueTask SendAsync(Action<Utf8JsonWriter> write, CancellationToken cancellationToken)
    {
        var frame = buffers.Get();
        write(frame.Begin());
        return SendAsync(frame, cancellationToken);
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
        var frame = buffers.Get();
        var writer = frame.Begin();
        writer.WriteString("type", "going_away");
        writer.WriteString("reason", reason);
        writer.WriteStartObject("data");
        writer.WriteString("turnId", turnId);
        writer.WriteNumber("after", after);
        writer.WriteEndObject();
        frame.End();

        await _gate.WaitAsync(cancellationToken);
        try
        {
            await socket.SendAsync(frame.Frame, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
            buffers.Return(frame);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Ends the connection without a closing frame.</summary>
    public void Abort() => abort();

    /// <summary>Ends the connection if a frame is being sent: nobody will read it.</summary>
    public void AbortSending()
    {
        if (_gate.CurrentCount == 0)
            abort();
    }

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

    private async ValueTask SendProcessingAsync(ValueTask before, string? id, string turnId, CancellationToken cancellationToken)
    {
        await before;
        await SendStatusAsync(id, turnId, TurnStatus.Processing, cancellationToken);
    }

    /// <summary>Ends a frame and sends it. Its buffer is used again once it is sent, and left to the collector where that is not known.</summary>
    private async ValueTask SendAsync(FrameBuffer frame, CancellationToken cancellationToken)
    {
        frame.End();
        await _gate.WaitAsync(cancellationToken);
        var isFree = true;
        try
        {
            if (_isCut)
                throw new SlowReaderException(isOnItsWay: false);

            // Nearly always the socket's buffer takes the frame at once, and no clock is needed. A token would only abort the socket, at a price for each
            // frame; whoever ends the socket does that once.
            var sending = socket.SendAsync(frame.Frame, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
            if (sending.IsCompleted)
            {
                await sending;
            }
            else
            {
                var task = sending.AsTask();
                isFree = await IsReadAsync(task);
                if (!isFree)
                {
                    _stuck = task;
                    throw new SlowReaderException(isOnItsWay: true);
                }
            }

            buffers.Return(frame);
        }
        finally
        {
            // A frame that is on its way keeps its place: nothing may be sent into the middle of it.
            if (isFree)
                _gate.Release();
        }
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
}
