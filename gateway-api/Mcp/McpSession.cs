using ModelContextProtocol.Server;

namespace OrleansChat.GatewayApi.Mcp;

/// <summary>One client's session: its server, running, and the stream on which the server may speak first.</summary>
internal sealed class McpSession(string id, McpCaller caller, StreamableHttpServerTransport transport, McpServer server, TimeProvider clock) : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private Task _running = Task.CompletedTask;
    private int _requests;
    private int _listens;
    private long _lastUsed = clock.GetTimestamp();

    /// <summary>Its id.</summary>
    public string Id => id;

    /// <summary>Who opened it and calls in it.</summary>
    public McpCaller Caller => caller;

    /// <summary>What carries its messages.</summary>
    public StreamableHttpServerTransport Transport => transport;

    /// <summary>How long nobody has used it; zero while somebody does.</summary>
    public TimeSpan Idle => Volatile.Read(ref _requests) > 0 ? TimeSpan.Zero : clock.GetElapsedTime(Volatile.Read(ref _lastUsed));

    /// <summary>Starts the server.</summary>
    public void Run() => _running = server.RunAsync(_end.Token);

    /// <summary>Notes a request, until what is returned is disposed.</summary>
    public IDisposable Use()
    {
        Interlocked.Increment(ref _requests);
        return new Request(this);
    }

    /// <summary>Takes the one stream on which the server speaks first; false when it is taken.</summary>
    public bool TryListen() => Interlocked.CompareExchange(ref _listens, 1, 0) == 0;

    /// <summary>Gives that stream back, for a client that reconnects.</summary>
    public void EndListening() => Volatile.Write(ref _listens, 0);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await transport.DisposeAsync();
        try
        {
            await _running;
        }
        catch (OperationCanceledException)
        {
            // How a server that is told to end does.
        }

        await server.DisposeAsync();
        _end.Dispose();
    }

    private sealed class Request(McpSession session) : IDisposable
    {
        public void Dispose()
        {
            Volatile.Write(ref session._lastUsed, session.Clock.GetTimestamp());
            Interlocked.Decrement(ref session._requests);
        }
    }

    private TimeProvider Clock => clock;
}
