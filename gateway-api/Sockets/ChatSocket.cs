using System.Collections.Concurrent;
using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Turns;
using OrleansChat.GatewayApi.Draining;
using OrleansChat.GatewayApi.Problems;
using OrleansChat.GatewayApi.Search;
using OrleansChat.GatewayApi.Turns;

namespace OrleansChat.GatewayApi.Sockets;

/// <summary>
/// One chat socket. Frames are read while turns stream, so a turn can be cancelled from the socket that started it. A bad frame is answered
/// with an error frame; only a broken connection ends the socket, and never a turn.
/// </summary>
internal sealed partial class ChatSocket(
    ISessionActor session, ApiKey caller, SocketReader reader, SocketWriter writer, TurnReader turns, SocketSearch search, DrainGate drain, ILogger logger)
{
    private const int MaxRunning = 16;
    private static readonly TimeSpan CloseWait = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<Task, byte> _running = new();

    /// <summary>Serves the socket to its end.</summary>
    public async Task RunAsync(CancellationToken aborted)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        await using var draining = drain.Closing.Register(() => _ = DrainAsync(ended));
        try
        {
            while (await ReadAsync(ended.Token) is { IsEnd: false } next)
            {
                if (next.Frame is { } frame)
                    Begin(frame, ended.Token);
            }

            await writer.CloseAsync(WebSocketCloseStatus.NormalClosure, "", ended.Token);
        }
        catch (WebSocketException broken) when (broken.WebSocketErrorCode is not WebSocketError.ConnectionClosedPrematurely)
        {
            LogGone(broken);
            await LingerAsync(aborted);
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException or IOException)
        {
            LogGone(gone);
        }
        finally
        {
            await ended.CancelAsync();
            await Task.WhenAll(_running.Keys);
        }
    }

    /// <summary>
    /// A client that broke the protocol was sent a closing frame that says so; it must not be overtaken by the end of the connection.
    /// </summary>
    private static async Task LingerAsync(CancellationToken aborted) =>
        await Task.Delay(CloseWait, aborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async ValueTask<(bool IsEnd, SocketFrame? Frame)> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var frame = await reader.ReadAsync(cancellationToken);
            return (frame is null, frame);
        }
        catch (RequestException bad)
        {
            await writer.SendErrorAsync(null, null, bad.Problem, cancellationToken);
            return (false, null);
        }
    }

    private void Begin(SocketFrame frame, CancellationToken cancellationToken)
    {
        var task = AnswerAsync(frame, cancellationToken);
        if (task.IsCompleted)
            return;
        _running.TryAdd(task, 0);
        _ = task.ContinueWith(done => _running.TryRemove(done, out _), TaskScheduler.Default);
    }

    /// <summary>Answers one frame; never throws, since nobody waits for it.</summary>
    private async Task AnswerAsync(SocketFrame frame, CancellationToken cancellationToken)
    {
        string? turnId = null;
        try
        {
            switch (frame)
            {
                case PingFrame:
                    await writer.SendPongAsync(frame.Id, cancellationToken);
                    break;
                case ChatFrame chat:
                    Admit();
                    var turn = await session.StartTurnAsync(caller, new TurnRequest { Message = chat.Message }, cancellationToken);
                    turnId = turn.TurnId;
                    await ForwardAsync(chat.Id, turnId, 0, cancellationToken);
                    break;
                case ResumeFrame resume:
                    turnId = resume.TurnId;
                    Admit();
                    await ForwardAsync(resume.Id, turnId, resume.After, cancellationToken);
                    break;
                case CancelFrame cancel:
                    turnId = cancel.TurnId;
                    await session.CancelTurnAsync(caller, turnId, cancellationToken);
                    break;
                case SearchFrame query:
                    await search.AnswerAsync(query, writer, cancellationToken);
                    break;
            }
        }
        catch (Exception gone) when (gone is WebSocketException or IOException || cancellationToken.IsCancellationRequested)
        {
            LogGone(gone);
        }
        catch (Exception fault)
        {
            await ReportAsync(frame.Id, turnId, fault, cancellationToken);
        }
    }

    private void Admit()
    {
        drain.Enter();
        if (_running.Count >= MaxRunning)
        {
            var problem = Problem.Of(ProblemCode.RateLimited, $"This socket already waits for {MaxRunning} answers.", "Wait for one to end.");
            throw new RequestException(problem with { RetryAfterSeconds = 1 });
        }
    }

    private async Task ForwardAsync(string? id, string turnId, long after, CancellationToken cancellationToken)
    {
        await foreach (var entry in turns.ReadAsync(session, caller, turnId, after, cancellationToken))
            await writer.SendAsync(id, turnId, entry, cancellationToken);
    }

    private async Task ReportAsync(string? id, string? turnId, Exception fault, CancellationToken cancellationToken)
    {
        var problem = FaultTranslation.ToProblem(fault);
        if (problem.Code == ProblemCode.Internal.Name)
            LogFailed(fault);
        try
        {
            await writer.SendErrorAsync(id, turnId, problem, cancellationToken);
        }
        catch (Exception gone) when (gone is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            LogGone(gone);
        }
    }

    /// <summary>After the order to stop: running turns are streamed to their end, then the client is told to come back elsewhere.</summary>
    private async Task DrainAsync(CancellationTokenSource ended)
    {
        try
        {
            await Task.WhenAll(_running.Keys).WaitAsync(ended.Token);
            await writer.CloseAsync(WebSocketCloseStatus.EndpointUnavailable, "The server is going down.", ended.Token);
            ended.CancelAfter(CloseWait);
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            LogGone(gone);
        }
    }

    [LoggerMessage(EventId = 20, EventName = "SocketGone", Level = LogLevel.Debug, Message = "The client went away.")]
    private partial void LogGone(Exception cause);

    [LoggerMessage(EventId = 21, EventName = "FrameFailed", Level = LogLevel.Error, Message = "A frame failed.")]
    private partial void LogFailed(Exception fault);
}
