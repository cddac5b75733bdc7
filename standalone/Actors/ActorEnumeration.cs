namespace OrleansChat.Standalone.Actors;

/// <summary>
/// A stream that is read inside its actor, item by item, while the actor's calls go on. It ends early, without an error, when the
/// activation ends: the reader begins anew where it was.
/// </summary>
internal sealed class ActorEnumeration<TActor, TItem> : IAsyncEnumerator<TItem>, IDisposable
    where TActor : class
{
    private readonly Activation<TActor> _activation;
    private readonly CancellationTokenSource _stop;
    private readonly CancellationToken _callerStop;
    private readonly IAsyncEnumerator<TItem> _items;
    private bool _activationEnded;

    public ActorEnumeration(Activation<TActor> activation, IAsyncEnumerable<TItem> items, CancellationToken cancellationToken)
    {
        _activation = activation;
        _callerStop = cancellationToken;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _items = items.GetAsyncEnumerator(_stop.Token);
    }

    public TItem Current => _items.Current;

    public ValueTask<bool> MoveNextAsync() => _activation.StepAsync(static reader => reader.StepAsync(), this);

    public async ValueTask DisposeAsync() =>
        await _activation.StepAsync(
            static async reader =>
            {
                reader._activation.Close(reader);
                await reader._items.DisposeAsync();
                reader._stop.Dispose();
                return true;
            },
            this);

    /// <summary>Ends the stream with its activation. Inside the mailbox only.</summary>
    public void Dispose()
    {
        _activationEnded = true;
        _stop.Cancel();
    }

    private async ValueTask<bool> StepAsync()
    {
        if (_activationEnded)
            return false;

        try
        {
            return await _items.MoveNextAsync();
        }
        catch (OperationCanceledException) when (_activationEnded && !_callerStop.IsCancellationRequested)
        {
            return false;
        }
    }
}
