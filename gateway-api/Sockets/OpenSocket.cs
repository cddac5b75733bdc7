namespace OrleansChat.GatewayApi.Sockets;

/// <summary>An open socket as the limits see it.</summary>
/// <param name="owner">Where it is counted.</param>
/// <param name="key">The id of its key.</param>
/// <param name="now">When it was opened, as a timestamp.</param>
internal sealed class OpenSocket(OpenSockets owner, string key, long now) : IDisposable
{
    private readonly CancellationTokenSource _leaving = new();

    /// <summary>The id of its key.</summary>
    public string Key => key;

    /// <summary>When something last happened on it, as a timestamp; under the owner's lock.</summary>
    public long LastUse { get; set; } = now;

    /// <summary>Answers that it waits for; under the owner's lock.</summary>
    public int Streams { get; set; }

    /// <summary>Whether it has to make room; under the owner's lock.</summary>
    public bool IsLeaving { get; set; }

    /// <summary>Cancelled when it has to make room for another.</summary>
    public CancellationToken Leaving => _leaving.Token;

    /// <summary>Something happened on it.</summary>
    public void Touch() => owner.Touch(this);

    /// <summary>An answer begins, which keeps it open.</summary>
    /// <returns>Whether it may: not if it has been chosen to make room.</returns>
    public bool BeginStream() => owner.BeginStream(this);

    /// <summary>An answer has ended.</summary>
    public void EndStream() => owner.EndStream(this);

    /// <summary>Tells it to make room.</summary>
    public void Leave() => _leaving.Cancel();

    /// <inheritdoc/>
    public void Dispose()
    {
        owner.Remove(this);
        _leaving.Dispose();
    }
}
