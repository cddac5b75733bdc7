namespace OrleansChat.Providers.Http;

/// <summary>The body of an upstream's answer, under the call's clocks and with its failures translated.</summary>
internal sealed class UpstreamBodyStream(Stream inner, UpstreamDeadline deadline, UpstreamFaults faults, UpstreamRequest request) : Stream
{
    private long _length;

    /// <summary>Whether any byte received counts as a token.</summary>
    public bool CountsBytesAsTokens { get; set; } = request.CountsBytesAsTokens;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var linked = cancellationToken.CanBeCanceled && cancellationToken != deadline.Caller
            ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token)
            : null;
        deadline.BeginWait();
        try
        {
            var count = await inner.ReadAsync(buffer, linked?.Token ?? deadline.Token);
            if (CountsBytesAsTokens && count > 0)
                deadline.SeeToken();
            _length += count;
            return _length <= request.MaxAnswerBytes ? count : throw faults.Protocol($"its answer is longer than {request.MaxAnswerBytes} bytes.");
        }
        catch (OperationCanceledException cancelled)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw deadline.Explain(cancelled, faults);
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException)
        {
            throw faults.EndedEarly(broken);
        }
        finally
        {
            deadline.EndWait();
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }
}
