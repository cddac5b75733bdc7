using OrleansChat.Core.Actors;

namespace OrleansChat.Core.RateLimiting;

/// <summary>The requests under way, and those that may be under way since an activation crashed.</summary>
internal sealed class OpenOperations
{
    private int _unnamed;
    private long _unnamedUntil;
    private int _fromLine;

    /// <summary>The requests that are known by name.</summary>
    public LeaseTable<OpenOperation> Named { get; } = new();

    /// <summary>Tentative requests whose outcome others wait for.</summary>
    public int Contested => Named.Tentative - _fromLine;

    /// <summary>Requests under way.</summary>
    public int Count => Named.Count + _unnamed;

    /// <summary>Adds a request.</summary>
    /// <param name="operation">The request.</param>
    public void Add(OpenOperation operation)
    {
        Named.Add(operation);
        _fromLine += operation is { Tentative: true, FromLine: true } ? 1 : 0;
    }

    /// <summary>Makes a tentative request final.</summary>
    /// <param name="operation">The request.</param>
    /// <returns>Whether it was tentative.</returns>
    public bool Confirm(OpenOperation operation)
    {
        if (!Named.Confirm(operation))
            return false;

        _fromLine -= operation.FromLine ? 1 : 0;
        return true;
    }

    /// <summary>Ends a request.</summary>
    /// <param name="operation">The request.</param>
    public void Remove(OpenOperation operation)
    {
        _fromLine -= operation is { Tentative: true, FromLine: true } ? 1 : 0;
        Named.Remove(operation);
    }

    /// <summary>The longest time that a lease still runs.</summary>
    /// <param name="now">Now, in ticks.</param>
    /// <returns>Ticks, at least 0.</returns>
    public long LongestLease(long now) => Math.Max(Named.LongestLease(now), _unnamed > 0 ? _unnamedUntil - now : 0);

    /// <summary>When a further request fits if none ends before its lease does.</summary>
    /// <param name="limit">How many may be under way.</param>
    /// <param name="now">Now, in ticks.</param>
    /// <returns>The moment in ticks; <see cref="long.MaxValue"/> for never.</returns>
    public long FitsAt(int limit, long now)
    {
        if (Count < limit)
            return now;

        if (limit <= 0)
            return long.MaxValue;

        // Mostly one: whoever is refused in a flood must not look at all that hold a place.
        var mustEnd = Count + 1 - limit;
        var named = 0;
        foreach (var end in Named.Ends)
        {
            var unnamed = end < _unnamedUntil ? 0 : _unnamed;
            if (named + unnamed >= mustEnd)
                return _unnamedUntil;

            named++;
            if (named + unnamed >= mustEnd)
                return end;
        }

        return _unnamedUntil;
    }

    /// <summary>Lets the leases of unnamed requests run out.</summary>
    /// <param name="now">Now, in ticks.</param>
    public void Advance(long now)
    {
        if (_unnamedUntil <= now)
            _unnamed = 0;
    }

    /// <summary>Counts the requests of an activation that crashed.</summary>
    /// <param name="count">How many may be under way.</param>
    /// <param name="until">When the last of their leases has run out, in ticks.</param>
    public void AssumeUnnamed(int count, long until) => (_unnamed, _unnamedUntil) = (count, until);

    /// <summary>
    /// Whether an operation that is not known by name may be one of those that are under way. It is never taken for one of them: whoever
    /// settles may have been heard before the crash, and his place may be another's since.
    /// </summary>
    public bool MayBeUnnamed => _unnamed > 0;
}
