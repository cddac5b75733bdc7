using System.Diagnostics.CodeAnalysis;

namespace OrleansChat.Core.Actors;

/// <summary>
/// What is held on leases, by operation and in the order in which it ends. Nothing is kept of what has ended: a queue that remembered it until
/// its time came would keep a busy scope's garbage alive for a whole lease.
/// </summary>
/// <typeparam name="T">What is held.</typeparam>
internal sealed class LeaseTable<T>
    where T : Leased
{
    private readonly Dictionary<string, T> _held = new(StringComparer.Ordinal);

    /// <summary>Apart from each other, since each begins its time at its end of the line: most leases are of one length.</summary>
    private readonly LeaseOrder _tentative = new();
    private readonly LeaseOrder _final = new();

    /// <summary>Nothing ends before this moment. The one that ends first began long ago, and its memory is cold: it is looked at only when its time may have come.</summary>
    private long _quietUntil = long.MaxValue;

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

        Place(held);
    }

    /// <summary>Makes something tentative final.</summary>
    /// <param name="held">What is held.</param>
    /// <returns>Whether it was tentative.</returns>
    public bool Confirm(T held)
    {
        if (!held.Tentative)
            return false;

        _tentative.Remove(held);
        held.Tentative = false;
        held.Deadline = held.LeaseEnd;
        Place(held);
        Tentative--;
        return true;
    }

    /// <summary>Makes a lease end later; an end that is earlier changes nothing.</summary>
    /// <param name="held">What is held, and is final.</param>
    /// <param name="end">When, in ticks.</param>
    public void Extend(T held, long end)
    {
        if (end <= held.Deadline)
            return;

        _final.Remove(held);
        held.LeaseEnd = held.Deadline = end;
        _final.Add(held);
    }

    /// <summary>Ends a lease.</summary>
    /// <param name="held">What is held.</param>
    public void Remove(T held)
    {
        if (!_held.Remove(held.Id))
            return;

        OrderOf(held).Remove(held);
        if (held.Tentative)
            Tentative--;
    }

    /// <summary>The next holding whose time has run out; the caller removes it.</summary>
    /// <param name="now">Now, in ticks.</param>
    /// <returns>The holding; null for none.</returns>
    public T? NextExpired(long now)
    {
        if (now < _quietUntil)
            return null;

        if (_tentative.First is { } tentative && tentative.Deadline <= now)
            return (T)tentative;

        if (_final.First is { } final && final.Deadline <= now)
            return (T)final;

        _quietUntil = Math.Min(_tentative.First?.Deadline ?? long.MaxValue, _final.First?.Deadline ?? long.MaxValue);
        return null;
    }

    /// <summary>When the first tentative holding ends unless it is confirmed.</summary>
    /// <returns>The moment in ticks; <see cref="long.MaxValue"/> for none.</returns>
    public long FirstTentativeEnd() => _tentative.First?.Deadline ?? long.MaxValue;

    /// <summary>The longest time that a lease still runs.</summary>
    /// <param name="now">Now, in ticks.</param>
    /// <returns>Ticks, at least 0.</returns>
    public long LongestLease(long now)
    {
        var end = Math.Max(now, _final.Last?.LeaseEnd ?? now);
        for (var held = _tentative.First; held is not null; held = held.Next)
            end = Math.Max(end, held.LeaseEnd);

        return end - now;
    }

    private void Place(T held)
    {
        OrderOf(held).Add(held);
        _quietUntil = Math.Min(_quietUntil, held.Deadline);
    }

    private LeaseOrder OrderOf(T held) => held.Tentative ? _tentative : _final;
}
