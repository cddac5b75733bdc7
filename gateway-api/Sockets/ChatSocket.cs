using System.Diagnostics.CodeAnalysis;
using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Turns;
using OrleansChat.Core.Upstreams;
using OrleansChat.GatewayApi.Draining;
using OrleansChat.GatewayApi.Overload;
using OrleansChat.GatewayApi.Problems;
using OrleansChat.GatewayApi.Search;
using OrleansChat.GatewayApi.Streams;
using OrleansChat.GatewayApi.Turns;

namespace OrleansChat.GatewayApi.Sockets;

/// <summary>
/// One chat socket. Frames are read while turns stream, so a turn can be cancelled from the socket that started it. A bad frame is answered
/// with an error frame; only a broken connection, or the end of its key, ends the socket, and never a turn. A frame counts as a request: it is answered
/// by the key as it is when the frame comes.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Its run, which is its life, disposes of the token source.")]
internal sealed partial class ChatSocket(
    ISessionActor session,
    ApiKey caller,
    Func<ValueTask<ApiKey?>> recall,
    OpenSocket place,
    SocketReader reader,
    SocketWriter writer,
    TurnReader turns,
    SocketSearch search,
    DrainGate drain,
    LoadGate gate,
    TimeSpan drainPatience,
    TimeProvider clock,
    ILogger logger)
{
    private const int MaxRunning = 16;
    private const string KeyEnded = "The API key that opened this socket is not valid any more.";
    private static readonly TimeSpan CloseWait = TimeSpan.FromSeconds(5);

    private readonly FramesUnderWay _frames = new();
    private readonly CancellationTokenSource _streaming = new();
    private volatile ApiKey _caller = caller;
    private (string TurnId, long Sequence)? _stuck;
    private int _isClosing;

    /// <summary>Serves the socket to its end.</summary>
    public async Task RunAsync(CancellationToken aborted)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        await using var draining = drain.Closing.Register(() => _ = DrainAsync(ended));
        await using var leaving = place.Leaving.Register(() => _ = LeaveAsync(ended));
        try
        {
            while (await ReadAsync(ended.Token) is { IsEnd: false } next)
            {
                place.Touch();
                if (next.Frame is not { } frame)
                    continue;

                if (await recall() is { } current)
                {
                    _caller = current;
                    Begin(frame, ended);
                }
                else
                {
                    _ = EndWithKeyAsync(frame.Id, ended);
                }
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
            await _streaming.CancelAsync();
            writer.AbortSending();
            await _frames.WhenAllAsync();
            _streaming.Dispose();
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

    private void Begin(SocketFrame frame, CancellationTokenSource ended)
    {
        var task = AnswerAsync(frame, ended);
        if (!task.IsCompleted)
            _frames.Follow(task);
    }

    /// <summary>Answers one frame; never throws, since nobody waits for it.</summary>
    private async Task AnswerAsync(SocketFrame frame, CancellationTokenSource ended)
    {
        var cancellationToken = ended.Token;
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
                    await StreamAsync(() => WorkAsync(
                        chat.Id,
                        async work =>
                        {
                            var turn = await session.StartTurnAsync(_caller, new TurnRequest { Message = chat.Message }, cancellationToken);
                            work.LeaveTurn(WorkKind.Frame);
                            turnId = turn.TurnId;
                            await ForwardAsync(chat.Id, turnId, 0, cancellationToken);
                        },
                        cancellationToken));
                    break;
                case ResumeFrame resume:
                    turnId = resume.TurnId;
                    Admit();
                    await StreamAsync(() => ForwardAsync(resume.Id, resume.TurnId, resume.After, cancellationToken));
                    break;
                case CancelFrame cancel:
                    turnId = cancel.TurnId;
                    await session.CancelTurnAsync(_caller, turnId, cancellationToken);
                    break;
                case SearchFrame query:
                    await SearchAsync(query.Id, () => search.AnswerAsync(query, _caller, writer, cancellationToken), cancellationToken);
                    break;
                case FindCodeFrame symbols:
                    await SearchAsync(symbols.Id, () => search.AnswerAsync(symbols, _caller, writer, cancellationToken), cancellationToken);
                    break;
            }
        }
        catch (SlowReaderException slow)
        {
            LogGone(slow);
            _ = CutAsync(ended);
        }
        catch (Exception gone) when (gone is WebSocketException or IOException || cancellationToken.IsCancellationRequested || _streaming.IsCancellationRequested)
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
        if (_frames.Count >= MaxRunning)
        {
            var problem = Problem.Of(ProblemCode.RateLimited, $"This socket already waits for {MaxRunning} answers.", "Wait for one to end.");
            throw new RequestException(problem with { RetryAfterSeconds = 1 });
        }
    }

    /// <summary>Does what keeps this socket from having to make room for another.</summary>
    private async Task StreamAsync(Func<Task> stream)
    {
        if (!place.BeginStream())
            throw new RequestException(Problem.Of(ProblemCode.RateLimited, OpenSockets.Reason, "Open a new connection."));
        try
        {
            await stream();
        }
        finally
        {
            place.EndStream();
        }
    }

    /// <summary>Does what a frame asks for, if the gate lets it in as it would a request; what is too much is refused, and the socket lives on.</summary>
    private async Task WorkAsync(string? id, Func<RequestWork, Task> answer, CancellationToken cancellationToken)
    {
        if (!await gate.TryDoAsync(answer))
            await writer.SendErrorAsync(id, null, LoadGate.Busy, cancellationToken);
    }

    private Task SearchAsync(string? id, Func<ValueTask> answer, CancellationToken cancellationToken) => WorkAsync(
        id,
        async work =>
        {
            UpstreamWait.Current = work;
            await answer();
        },
        cancellationToken);

    private async Task ForwardAsync(string? id, string turnId, long after, CancellationToken cancellationToken)
    {
        // What is sent is never cancelled in the middle, only what is read next: a socket does not outlive a cancelled frame.
        _frames.Sent(turnId, after);
        var isEmpty = true;
        await foreach (var entry in turns.ReadAsync(session, _caller, turnId, after, _streaming.Token))
        {
            try
            {
                await writer.SendAsync(id, turnId, entry, cancellationToken);
            }
            catch (SlowReaderException slow) when (slow.IsOnItsWay)
            {
                _stuck = (turnId, entry.Sequence);
                throw;
            }

            _frames.Sent(turnId, entry.Sequence);
            isEmpty = false;
        }

        _frames.SentWhole(turnId);

        // Whoever has the last event already, or claims to, is not left to wait.
        if (isEmpty)
            await writer.SendStatusAsync(id, turnId, (await session.GetTurnAsync(_caller, turnId, cancellationToken)).Status, cancellationToken);
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

    /// <summary>
    /// After the order to stop: running turns are streamed to their end if that is near, then the client is told to come back elsewhere, and where
    /// to resume.
    /// </summary>
    private Task DrainAsync(CancellationTokenSource ended) => EndAsync(ended, async () =>
    {
        await _frames.WhenAllAsync().WaitAsync(drainPatience, clock, ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _streaming.CancelAsync();
        await _frames.WhenAllAsync().WaitAsync(ended.Token);
        await CloseAsync(SocketClose.GoingAway, "draining", "The server is going down.", ended.Token);
    });

    /// <summary>Whoever has no key any more is told so, once, and gets nothing else.</summary>
    private Task EndWithKeyAsync(string? id, CancellationTokenSource ended) => EndAsync(ended, async () =>
    {
        await _streaming.CancelAsync();
        var problem = Problem.Of(ProblemCode.Unauthenticated, KeyEnded, "Check the key, or ask the operator for one.");
        await writer.SendErrorAsync(id, null, problem, ended.Token);
        await writer.CloseAsync(SocketClose.KeyEnded, KeyEnded, ended.Token);
    });

    /// <summary>Makes room for another socket.</summary>
    private Task LeaveAsync(CancellationTokenSource ended) => EndAsync(
        ended, () => writer.CloseAsync(SocketClose.MadeRoom, OpenSockets.Reason, ended.Token).AsTask());

    /// <summary>Cuts a client off that reads too slowly, with what it needs to resume if it reads on at all.</summary>
    private Task CutAsync(CancellationTokenSource ended) => EndAsync(ended, async () =>
    {
        await _streaming.CancelAsync();
        if (!await writer.IsReadAfterAllAsync())
        {
            writer.Abort();
            return;
        }

        if (_stuck is { } read)
            _frames.Sent(read.TurnId, read.Sequence);
        await CloseAsync(SocketClose.TooSlow, "too_slow", "The client reads too slowly.", ended.Token);
    });

    private async Task CloseAsync(WebSocketCloseStatus status, string reason, string text, CancellationToken cancellationToken)
    {
        foreach (var (turnId, after) in _frames.Unfinished())
        {
            await writer.SendGoingAwayAsync(reason, turnId, after, cancellationToken);
            text = $"Going away: resume turn {turnId} after {after}.";
        }

        // A reason has at most 123 bytes (RFC 6455, 5.5).
        await writer.CloseAsync(status, text.Length <= 123 ? text : text[..123], cancellationToken);
    }

    /// <summary>Ends the socket, once: the first reason counts.</summary>
    private async Task EndAsync(CancellationTokenSource ended, Func<Task> end)
    {
        if (Interlocked.Exchange(ref _isClosing, 1) != 0)
            return;
        try
        {
            await end();
            ended.CancelAfter(CloseWait);
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            LogGone(gone);
            writer.Abort();
        }
    }

    [LoggerMessage(EventId = 20, EventName = "SocketGone", Level = LogLevel.Debug, Message = "The client went away.")]
    private partial void LogGone(Exception cause);

    [LoggerMessage(EventId = 21, EventName = "FrameFailed", Level = LogLevel.Error, Message = "A frame failed.")]
    private partial void LogFailed(Exception fault);
}
