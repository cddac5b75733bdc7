using System.Threading.Channels;

namespace OrleansChat.Testing;

/// <summary>
/// Holds a scripted stream before every chunk until the test lets it on, so that a test steps through an answer token by
/// token and never sleeps. Disposing it opens it.
/// </summary>
public sealed class StreamGate : IDisposable
{
    private readonly Channel<bool> _passes = Channel.CreateUnbounded<bool>();
    private readonly Channel<bool> _sent = Channel.CreateUnbounded<bool>();

    /// <summary>Lets this many more chunks (the end of the stream counts as one) pass.</summary>
    public void Release(int chunks = 1)
    {
        for (var i = 0; i < chunks; i++)
            _passes.Writer.TryWrite(true);
    }

    /// <summary>Never holds again.</summary>
    public void Open()
    {
        IsHolding = false;
        _passes.Writer.TryComplete();
    }

    /// <summary>Whether it has not been opened for good.</summary>
    public bool IsHolding { get; private set; } = true;

    /// <summary>Completes when this many further content chunks have been written to the connection.</summary>
    public async Task WaitForSentAsync(int chunks = 1, CancellationToken cancellationToken = default)
    {
        for (var i = 0; i < chunks; i++)
            await _sent.Reader.ReadAsync(cancellationToken);
    }

    public void Dispose() => Open();

    internal async Task PassAsync(CancellationToken cancellationToken)
    {
        while (await _passes.Reader.WaitToReadAsync(cancellationToken))
        {
            if (_passes.Reader.TryRead(out _))
                return;
        }
    }

    internal void Sent() => _sent.Writer.TryWrite(true);
}
