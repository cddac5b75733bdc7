namespace OrleansChat.GatewayApi.OpenAI;

/// <summary>
/// A call's own token: cancelled with the request at any time, and with the router's patience only until the call is open.
/// </summary>
internal sealed class OpeningToken(CancellationToken request) : IDisposable
{
    private readonly CancellationTokenSource _source = CancellationTokenSource.CreateLinkedTokenSource(request);

    /// <summary>The token.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Opens a call; on failure the token's source is gone with it.</summary>
    public async ValueTask<T> OpenAsync<T>(Func<CancellationToken, ValueTask<T>> open, CancellationToken opening)
    {
        try
        {
            await using (opening.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), _source))
                return await open(Token);
        }
        catch
        {
            Dispose();
            opening.ThrowIfCancellationRequested();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();
}
