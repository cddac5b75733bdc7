using System.Diagnostics.CodeAnalysis;

namespace OrleansChat.Core.Actors;

/// <summary>What is held on leases, by operation. What has run out is handed out by <see cref="NextExpired"/>.</summary>
/// <typeparam name="T">What is held.</typeparam>
internal sealed class LeaseTable<T>
    where T : Leased
{
    private readonly Dictionary<string, T> _held = new(StringComparer.Ordinal);

    /// <summary>Each holding once, and ended ones until they come up, by a moment at or before their deadline.</summary>
    private readonly PriorityQueue<T, long> _checks = new();

    /// <summary>How many are held.</summary>
    public int Count => _held.Count;

    /// <summary>How many of them another scope may still refuse.</summary>
    public int Tentative { get; private set; }

    /// <summary>What is held.</summary>
    public Dictionary<string, T>.ValueCollection All => _held.Values;

    /// <summary>Finds what an operation holds.</summary>
    /// <param name="id">The operation.</param>
    /// <param name="held">What it holds.</param>
    /// <returns>Whether it holds something.</returns>
    public bool TryFind(string id, [MaybeNullWhen(false)] out T held) => _held.TryGetValue(id, out held);

    /// <summary>Begins a lease.</summary>
    /// <param name="held">What is held; its operation holds nothing yet.</param>
    public void Add(T held)
    {
        _held.Add(held.Id, held);
        if (held.Tentative)
            Tentative++;

        // Looked at early, so that the queue does not keep for a whole lease what ended long ago.
        _checks.Enqueue(held, Math.Min(held.Deadline, held.Since + Leased.TentativeLease.Ticks));
    }

    /// <summary>Makes something tentative final.</summary>
    /// <param name="held">What is held.</param>
    /// <returns>Whether it was tentative.</returns>
    public bool Confirm(T held)
    {
        if (!held.Tentative)
            return false;

        held.Tentative = false;
        held.Deadline = held.LeaseEnd;
        Tentative--;
        return true;
    }

    /// <summary>Ends a lease.</summary>
    /// <param name="held">What is held.</param>
    public void Remove(T held)
    {
        held.Over = true;
        _held.Remove(held.Id);
        if (held.Tentative)
            Tentative--;
    }

    /// <summary>The next holding whose time has run out; the caller removes it.</summary>
    /// <param name="now">Now, in ticks.</param>
    /// <returns>The holding; null for none.</returns>
    public T? NextExpired(long now)
    {
        while (_checks.TryPeek(out var held, out var check) && check <= now)
        {
            _checks.Dequeue();
            if (held.Over)
                continue;

            if (held.Deadline <= now)
                return held;

            _checks.Enqueue(held, held.Deadline);
        }

        return null;
    }

    /// <summary>When the first tentative holding ends unless it is confirmed.</summary>
    /// <returns>The moment in ticks; <see cref="long.MaxValue"/> for none.</returns>
    public long FirstTentativeEnd()
    {
        var first = long.MaxValue;
        foreach (var held in _held.Values)
        {
            if (held.Tentative)
                first = Math.Min(first, held.Deadline);
        }

        return first;
    }

    /// <summary>The longest time that a lease still runs.</summary>
    /// <param name="now">Now, in ticks.</param>
    /// <returns>Ticks, at least 0.</returns>
    public long LongestLease(long now)
    {
        var end = now;
        foreach (var held in _held.Values)
            end = Math.Max(end, held.LeaseEnd);

        return end - now;
    }
}
