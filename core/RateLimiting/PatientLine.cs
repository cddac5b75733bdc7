using OrleansChat.Core.Actors;

namespace OrleansChat.Core.RateLimiting;

/// <summary>
/// Requests that wait for their limits instead of being refused: first come, first served, each up to its own deadline. It decides, without I/O;
/// whoever waits hears by the task that <see cref="Join"/> gives him. A place is kept for its caller only as long as he goes on asking. A request goes by the
/// limits with which it came, or by those of one that came later where they let it in sooner: what was raised holds for the next request, whoever
/// stands before it.
/// </summary>
/// <param name="scope">The limits that they wait for.</param>
internal sealed class PatientLine(LimitedScope scope)
{
    /// <summary>How long it is known of a request that it has waited: whoever asks once more asks at once.</summary>
    private static readonly TimeSpan Retention = TimeSpan.FromSeconds(30);

    private readonly LinkedList<Place> _places = [];
    private readonly OperationMemory _ended = new(Retention);
    private readonly Dictionary<string, LinkedListNode<Place>> _byId = new(StringComparer.Ordinal);
    private long _firstEnd = long.MaxValue;

    /// <summary>Whether nobody waits.</summary>
    public bool IsEmpty => _places.Count == 0;

    /// <summary>The limits of the request that came last.</summary>
    public RateLimits Limits { get; private set; } = RateLimits.None;

    /// <summary>Hears of the limits that hold now from a request that comes while others wait. One that has waited before may not know them.</summary>
    /// <param name="request">The request.</param>
    /// <returns>Whether they are others than before.</returns>
    public bool Hear(RateLimitRequest request)
    {
        if (request.Limits == Limits || _ended.Knows(request.OperationId))
            return false;

        Limits = request.Limits;
        foreach (var place in _places)
            place.Later = place.Request with { Limits = Limits };

        return true;
    }

    /// <summary>Takes a place at the end of the line, or comes back to the place that is kept.</summary>
    /// <param name="request">The request; what it is granted here is tentative.</param>
    /// <param name="deadline">When it is refused at the latest, in ticks; a later one does not move that of a place that is kept.</param>
    /// <param name="keptUntil">How long its place is kept, in ticks, unless it is asked for again.</param>
    /// <returns>The verdict, once there is one.</returns>
    public Task<LimitVerdict> Join(RateLimitRequest request, long deadline, long keptUntil)
    {
        if (!_byId.TryGetValue(request.OperationId, out var node))
        {
            if (IsEmpty)
                Limits = request.Limits;
            else
                Hear(request);

            request = request with { Tentative = true };
            node = _places.AddLast(new Place(request, deadline) { Later = request.Limits == Limits ? null : request with { Limits = Limits } });
            _byId.Add(request.OperationId, node);
        }

        node.Value.KeptUntil = keptUntil;
        _firstEnd = Math.Min(_firstEnd, node.Value.End);
        return node.Value.Verdict.Task;
    }

    /// <summary>Gives up a place.</summary>
    /// <param name="operationId">Whose.</param>
    public void Leave(string operationId)
    {
        if (_byId.Remove(operationId, out var node))
            _places.Remove(node);
    }

    /// <summary>The verdict on a request that comes while others wait: it does not fit before the first of them does.</summary>
    /// <param name="request">The request.</param>
    /// <param name="now">Now, in ticks.</param>
    /// <returns>A refusal.</returns>
    public LimitVerdict Behind(RateLimitRequest request, long now)
    {
        var own = scope.Decide(request, now);
        var first = Decide(_places.First!.Value, now).Verdict;
        var limit = own.Limit ?? first.Limit ?? LimitName.Any(request.Limits);
        return new LimitVerdict(limit, Math.Max(Math.Max(own.PassesAt, first.PassesAt), now + 1));
    }

    /// <summary>Lets in whoever fits, in order, and refuses those whose deadline has come.</summary>
    /// <param name="now">Now, in ticks; the scope has been advanced to it.</param>
    /// <param name="mayLetIn">Whether nobody outside the line comes first.</param>
    public void Move(long now, bool mayLetIn)
    {
        LetIn(now, mayLetIn);
        if (now < _firstEnd)
            return;

        // Whoever leaves may have kept out the one behind him.
        TurnAway(now);
        LetIn(now, mayLetIn);
    }

    /// <summary>When the line may move although nobody calls.</summary>
    /// <param name="now">Now, in ticks.</param>
    /// <returns>The moment in ticks; <see cref="long.MaxValue"/> when nobody waits.</returns>
    public long MovesAt(long now)
    {
        if (_places.First is not { } first)
            return long.MaxValue;

        var passes = Math.Max(now + 1, Decide(first.Value, now).Verdict.PassesAt);
        return Math.Min(_firstEnd, scope.Open.Named.Tentative > 0 ? Math.Min(passes, scope.FirstTentativeEnd()) : passes);
    }

    /// <summary>When a place's request fits, and by which limits.</summary>
    private (LimitVerdict Verdict, RateLimitRequest By) Decide(Place place, long now)
    {
        var own = scope.Decide(place.Request, now);
        if (own.Fits || place.Later is not { } later)
            return (own, place.Request);

        var verdict = scope.Decide(later, now);
        return verdict.PassesAt < own.PassesAt ? (verdict, later) : (own, place.Request);
    }

    private void LetIn(long now, bool mayLetIn)
    {
        while (mayLetIn && _places.First is { } first)
        {
            var (verdict, request) = Decide(first.Value, now);
            if (!verdict.Fits)
                return;

            scope.Admit(request, now, fromLine: true);
            End(first, verdict, now);
        }
    }

    private void TurnAway(long now)
    {
        _firstEnd = long.MaxValue;
        for (var node = _places.First; node is not null;)
        {
            var (place, next) = (node.Value, node.Next);
            if (place.End > now)
                _firstEnd = Math.Min(_firstEnd, place.End);
            else if (place.Deadline <= now)
                End(node, Behind(place.Later ?? place.Request, now), now);
            else
                End(node, new LimitVerdict(LimitName.Any(place.Request.Limits), now + 1), now);

            node = next;
        }
    }

    private void End(LinkedListNode<Place> node, LimitVerdict verdict, long now)
    {
        _ended.Remember(node.Value.Request.OperationId, now);
        _byId.Remove(node.Value.Request.OperationId);
        _places.Remove(node);
        node.Value.Verdict.SetResult(verdict);
    }

    private sealed class Place(RateLimitRequest request, long deadline)
    {
        public RateLimitRequest Request { get; } = request;

        /// <summary>The same by the limits of who came last; null where they are its own.</summary>
        public RateLimitRequest? Later { get; set; }

        public long Deadline { get; } = deadline;

        public long KeptUntil { get; set; }

        public long End => Math.Min(Deadline, KeptUntil);

        public TaskCompletionSource<LimitVerdict> Verdict { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
