namespace OrleansChat.Core.Actors;

/// <summary>
/// Requests that wait, first come first served, until it is known whether what is held tentatively before them stands. Used on the actor's
/// scheduler only.
/// </summary>
/// <typeparam name="TRequest">What is asked for.</typeparam>
/// <typeparam name="TVerdict">The answer.</typeparam>
/// <param name="clock">The activation's clock.</param>
/// <param name="scope">What they wait for.</param>
/// <param name="moved">Told, in ticks, when the line has moved as far as it could.</param>
internal sealed class WaitingLine<TRequest, TVerdict>(SteadyClock clock, ITentativeScope<TRequest, TVerdict> scope, Action<long>? moved = null)
{
    private readonly LinkedList<Place> _places = [];
    private bool _watching;

    /// <summary>Whether nobody waits.</summary>
    public bool IsEmpty => _places.Count == 0;

    /// <summary>Waits for a verdict.</summary>
    /// <param name="request">The request.</param>
    /// <param name="take">Whether what is asked for is taken as the verdict is given.</param>
    /// <param name="cancellationToken">Leaves the line.</param>
    /// <returns>The verdict.</returns>
    /// <exception cref="OperationCanceledException">The caller no longer waits; nothing was taken.</exception>
    public async Task<TVerdict> JoinAsync(TRequest request, bool take, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var place = new Place(request, take);
        var node = _places.AddLast(place);
        if (!_watching)
            _ = WatchAsync();

        try
        {
            return await place.Verdict.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Who was let in at the very moment in which he left has refused others: he is told, and ends it as any other.
            if (node.List is null)
                return await place.Verdict.Task;

            _places.Remove(node);
            Move(clock.Now);
            throw;
        }
    }

    /// <summary>Gives verdicts, as far as they are certain.</summary>
    /// <param name="now">Now, in ticks.</param>
    public void Move(long now)
    {
        while (_places.First is { } first)
        {
            var place = first.Value;
            if (!scope.TryDecide(place.Request, place.Take, now, out var verdict, out _))
                break;

            _places.RemoveFirst();
            place.Verdict.SetResult(verdict);
        }

        moved?.Invoke(now);
    }

    /// <summary>Lets tentative holdings run out although nobody calls.</summary>
    private async Task WatchAsync()
    {
        _watching = true;
        try
        {
            while (!IsEmpty)
            {
                var latest = clock.Now + Leased.TentativeLease.Ticks;
                await clock.UntilAsync(Math.Min(scope.FirstTentativeEnd(), latest), CancellationToken.None);
                var now = clock.Now;
                scope.Advance(now);
                Move(now);
            }
        }
        finally
        {
            _watching = false;
        }
    }

    private sealed class Place(TRequest request, bool take)
    {
        public TRequest Request { get; } = request;

        public bool Take { get; } = take;

        public TaskCompletionSource<TVerdict> Verdict { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
