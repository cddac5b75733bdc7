using System.Net.WebSockets;
using System.Text;
using OrleansChat.GatewayApi.Sockets;
using OrleansChat.GatewayApi.Streams;
using OrleansChat.Testing;

namespace OrleansChat.GatewayApi.Tests.Sockets;

public sealed class SocketWriterTests : IDisposable
{
    private static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(5);

    private readonly FakeClock _clock = new();
    private readonly HeldSocket _socket = new();
    private readonly SocketWriter _writer;

    public SocketWriterTests() => _writer = new SocketWriter(_socket, FrameBuffer.NewPool(), "c", SendTimeout, _clock, _socket.Abort);

    [Fact]
    public async Task Send_OfAFrameThatIsNotReadInTime_TellsThatItIsOnItsWay()
    {
        var slow = await StickAsync();

        Assert.True(slow.IsOnItsWay);
    }

    [Fact]
    public async Task Send_OfAFrameThatIsReadJustInTime_GoesOn()
    {
        var sending = _writer.SendPongAsync("1", default).AsTask();
        await TestWait.UntilAsync(() => _clock.ActiveTimers == 1);
        _clock.Advance(SendTimeout - TimeSpan.FromTicks(1));
        _socket.Read();
        await sending;

        Assert.Single(_socket.Frames);
    }

    [Fact]
    public async Task AfterAll_WhenTheFrameIsReadAtLast_OnlyWhatEndsTheSocketIsSent()
    {
        await StickAsync();
        _socket.Read();

        Assert.True(await _writer.IsReadAfterAllAsync());

        var refused = await Assert.ThrowsAsync<SlowReaderException>(async () => await _writer.SendPongAsync("2", default));
        Assert.False(refused.IsOnItsWay);
        await _writer.SendGoingAwayAsync("too_slow", "turn-1", 7, default);
        await _writer.CloseAsync(SocketClose.TooSlow, "bye", default);
        Assert.Equal("""{"type":"going_away","reason":"too_slow","data":{"turnId":"turn-1","after":7}}""", _socket.Frames[^1]);
        Assert.Equal((WebSocketCloseStatus)4002, _socket.CloseStatus);
    }

    [Fact]
    public async Task AfterAll_WhenTheFrameIsNeverRead_TheConnectionCanOnlyBeCut()
    {
        await StickAsync();
        var waiting = _writer.IsReadAfterAllAsync().AsTask();
        await TestWait.UntilAsync(() => _clock.ActiveTimers == 1);
        _clock.Advance(SendTimeout);

        Assert.False(await waiting);
    }

    public void Dispose()
    {
        _writer.Dispose();
        _socket.Dispose();
    }

    private async Task<SlowReaderException> StickAsync()
    {
        var sending = _writer.SendPongAsync("1", default).AsTask();
        await TestWait.UntilAsync(() => _clock.ActiveTimers == 1);
        _clock.Advance(SendTimeout);
        return await Assert.ThrowsAsync<SlowReaderException>(() => sending);
    }

    /// <summary>A socket whose first frame is on its way until the client reads.</summary>
    private sealed class HeldSocket : WebSocket
    {
        private readonly TaskCompletionSource _read = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private WebSocketCloseStatus? _closed;

        public List<string> Frames { get; } = [];

        public override WebSocketCloseStatus? CloseStatus => _closed;

        public override string? CloseStatusDescription => null;

        public override WebSocketState State => WebSocketState.Open;

        public override string? SubProtocol => null;

        public void Read() => _read.SetResult();

        public override async Task SendAsync(ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken)
        {
            await _read.Task;
            Frames.Add(Encoding.UTF8.GetString(buffer));
        }

        public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken)
        {
            _closed = closeStatus;
            return Task.CompletedTask;
        }

        public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => Task.CompletedTask;

        public override Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken) => throw new NotSupportedException();

        public override void Abort()
        {
        }

        public override void Dispose()
        {
        }
    }
}
