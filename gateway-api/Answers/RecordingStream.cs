namespace OrleansChat.GatewayApi.Answers;

/// <summary>
/// A response's body that is recorded as it is written. Where the answer is worth more than its first reader, a client that goes away does
/// not end it.
/// </summary>
internal sealed class RecordingStream(Stream client, Action<ReadOnlyMemory<byte>> record, CancellationToken clientGone) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        record(buffer);
        await SendAsync(() => client.WriteAsync(buffer, cancellationToken).AsTask());
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => SendAsync(() => client.FlushAsync(cancellationToken));

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private async Task SendAsync(Func<Task> send)
    {
        if (clientGone.IsCancellationRequested)
            return;
        try
        {
            await send();
        }
        catch (Exception fault) when (clientGone.IsCancellationRequested && fault is IOException or OperationCanceledException)
        {
            // There is nobody left to send to; the record goes on.
        }
    }
}
