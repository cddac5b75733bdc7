namespace OrleansChat.Testing;

/// <summary>
/// Holds a scripted stream before every chunk until the test lets it on, so that a test steps through an answer token by
/// token and never sleeps.
/// </summary>
public sealed class StreamGate : IDisposable
{
    private readonly SemaphoreSlim _passes = new(0);
    private readonly SemaphoreSlim _sent = new(0);

    /// <summary>Lets this many more chunks (the end of the stream counts as one) pass.</summary>
    public void Release(int chunks = 1) => _passes.Release(chunks);

    /// <summary>Never holds again.</summary>
    public void Open() => _passes.Release(1_000_000);

    /// <summary>Completes when this many further content chunks have been written to the connection.</summary>
    public async Task WaitForSentAsync(int chunks = 1, CancellationToken cancellationToken = default)
    {
        for (var i = 0; i < chunks; i++)
            await _sent.WaitAsync(cancellationToken);
    }

    public void Dispose()
    {
        _passes.Dispose();
        _sent.Dispose();
    }

    internal Task PassAsync(CancellationToken cancellationToken) => _passes.WaitAsync(cancellationToken);

    internal void Sent() => _sent.Release();
}
