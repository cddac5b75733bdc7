using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace OrleansChat.GatewayApi.Streams;

/// <summary>
/// A response as server-sent events (HTML Living Standard, 9.2). What is ready at once shares one flush; a silent stream holds no buffer and no
/// timer of its own.
/// </summary>
internal sealed class EventStream : IHeartbeat, IDisposable
{
    private const int FlushAt = 16 * 1024;

    private readonly PipeWriter _writer;
    private readonly SemaphoreSlim _gate = new(1);
    private readonly HeartbeatClock _clock;
    private readonly TimeSpan? _patience;
    private readonly CancellationToken _aborted;
    private Task<FlushResult>? _stuck;
    private int _unflushed;
    private bool _ended;

    private EventStream(HttpContext context, HeartbeatClock clock, TimeSpan? patience)
    {
        _writer = context.Response.BodyWriter;
        _patience = patience;
        _clock = clock;
        _aborted = context.RequestAborted;
        LastWrite = clock.Timestamp;
    }

    /// <inheritdoc/>
    public long LastWrite { get; private set; }

    /// <summary>Whether a client asks for events.</summary>
    public static bool IsWanted(HttpRequest request) =>
        request.GetTypedHeaders().Accept.Any(type => type.MediaType.Equals("text/event-stream", StringComparison.OrdinalIgnoreCase) && type.Quality is not 0);

    /// <summary>Sends the headers, so that the client knows at once that the stream is open.</summary>
    /// <param name="context">The request.</param>
    /// <param name="clock">Keeps silent streams alive.</param>
    /// <param name="patience">How long the client may take to make room for what is sent; null to leave that to the server's rule for all answers.</param>
    public static async ValueTask<EventStream> OpenAsync(HttpContext context, HeartbeatClock clock, TimeSpan? patience = null)
    {
        if (patience is not null && context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
        var response = context.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache";
        response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await response.StartAsync(context.RequestAborted);
        await response.BodyWriter.FlushAsync(context.RequestAborted);
        var stream = new EventStream(context, clock, patience);
        clock.Add(stream);
        return stream;
    }

    /// <summary>Sends a sequence of events to its end.</summary>
    /// <typeparam name="T">What the events are made of.</typeparam>
    /// <param name="source">The sequence.</param>
    /// <param name="write">Writes one event, with its empty line.</param>
    /// <returns>A task that ends with the sequence.</returns>
    public async Task SendAsync<T>(IAsyncEnumerator<T> source, Action<IBufferWriter<byte>, T> write)
    {
        while (true)
        {
            var next = source.MoveNextAsync();
            if (!next.IsCompleted && _unflushed > 0)
                await FlushAsync();
            if (!await next)
                break;
            await WriteAsync(source.Current, write);
        }

        await FlushAsync();
    }

    /// <summary>Writes one event; it is sent with the next flush.</summary>
    public async ValueTask WriteAsync<T>(T value, Action<IBufferWriter<byte>, T> write)
    {
        await _gate.WaitAsync(_aborted);
        try
        {
            var counted = new CountingWriter(_writer);
            write(counted, value);
            _unflushed += counted.Written;
            if (_unflushed >= FlushAt)
                await FlushInsideAsync();
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Sends what is written.</summary>
    public async ValueTask FlushAsync()
    {
        await _gate.WaitAsync(_aborted);
        try
        {
            await FlushInsideAsync();
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>
    /// Gives a client that was too slow as much time again. If it reads on, one last event can be sent.
    /// </summary>
    /// <param name="write">Writes the last event.</param>
    /// <returns>Whether it was sent; otherwise the connection can only be cut.</returns>
    public async ValueTask<bool> IsReadAfterAllAsync(Action<IBufferWriter<byte>> write)
    {
        if (_stuck is not { } stuck || _patience is not { } patience || !await IsReadAsync(stuck, patience))
            return false;
        write(_writer);
        return await IsReadAsync(_writer.FlushAsync(_aborted).AsTask(), patience);
    }

    /// <inheritdoc/>
    public async ValueTask BeatAsync()
    {
        // A stream that is writing just now needs no sign of life.
        if (!await _gate.WaitAsync(0, CancellationToken.None))
            return;
        try
        {
            if (_ended)
                return;
            _writer.Write(": \n\n"u8);
            await FlushInsideAsync();
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Ends the heartbeats; waits for one that is under way, since the response must not be written to after its end.</summary>
    public void Dispose()
    {
        _clock.Remove(this);
        _gate.Wait(CancellationToken.None);
        _ended = true;
        _gate.Release();
    }

    private async ValueTask FlushInsideAsync()
    {
        _unflushed = 0;
        LastWrite = _clock.Timestamp;
        var flush = _writer.FlushAsync(_aborted);
        if (flush.IsCompleted || _patience is not { } patience)
        {
            // Nearly always the socket's buffer takes it at once, and no clock is needed.
            await flush;
            return;
        }

        var sending = flush.AsTask();
        if (await IsReadAsync(sending, patience))
            return;

        // Nothing may be written while that is on its way.
        _ended = true;
        _stuck = sending;
        throw new SlowReaderException(isOnItsWay: true);
    }

    private async ValueTask<bool> IsReadAsync(Task<FlushResult> sending, TimeSpan patience)
    {
        try
        {
            await sending.WaitAsync(patience, _clock.Time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private sealed class CountingWriter(IBufferWriter<byte> inner) : IBufferWriter<byte>
    {
        public int Written { get; private set; }

        public void Advance(int count)
        {
            Written += count;
            inner.Advance(count);
        }

        public Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

        public Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);
    }
}
