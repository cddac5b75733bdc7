using OrleansChat.Core.Actors;

namespace OrleansChat.Core.RateLimiting;

/// <summary>The requests under way, and those that may be under way since an activation crashed.</summary>
internal sealed class OpenOperations
{
    private int _unnamed;
    private long _unnamedUntil;

    /// <summary>The requests that are known by name.</summary>
    public LeaseTable<OpenOperation> Named { get; } = new();

    /// <summary>Requests under way.</summary>
    public int Count => Named.Count + _unnamed;

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

        if (limit == 0)
            return long.MaxValue;

        var ends = new List<long>(Count);
        for (var i = 0; i < _unnamed; i++)
            ends.Add(_unnamedUntil);

        foreach (var operation in Named.All)
            ends.Add(operation.Deadline);

        var mustEnd = Count + 1 - limit;
        if (mustEnd == 1)
            return ends.Min();

        ends.Sort();
        return ends[mustEnd - 1];
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

    /// <summary>One of the unnamed requests has been heard of by its name.</summary>
    /// <returns>Whether there was one left.</returns>
    public bool NameOne()
    {
        if (_unnamed == 0)
            return false;

        _unnamed--;
        return true;
    }
}
