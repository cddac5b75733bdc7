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
    /// <summary>
    /// So many are looked through one by one. Most scopes are a key's or a session's and hold one or two: thousands of tables that are hardly used are more than a
    /// processor's cache holds, and the collector looks through each part of one that a new holding was written to.
    /// </summary>
    private const int Few = 8;

    /// <summary>Apart from each other, since each begins its time at its end of the line: most leases are of one length.</summary>
    private LeaseOrder _tentative;
    private LeaseOrder _final;

    /// <summary>All by their operation, from when there were more than a few until there is none; null otherwise.</summary>
    private Dictionary<string, T>? _byId;

    /// <summary>Nothing ends before this moment. The one that ends first began long ago, and its memory is cold: it is looked at only when its time may have come.</summary>
    private long _quietUntil = long.MaxValue;

    /// <summary>How many are held.</summary>
    public int Count { get; private set; }

    /// <summary>How many of them another scope may still refuse.</summary>
    public int Tentative { get; private set; }

    /// <summary>What is held. It must not change while it is read.</summary>
    public IEnumerable<T> All
    {
        get
        {
            for (var held = _final.First; held is not null; held = held.Next)
                yield return (T)held;

            for (var held = _tentative.First; held is not null; held = held.Next)
                yield return (T)held;
        }
    }

    /// <summary>When each of what is held ends, in ticks, the first one first. Nothing must change while it is read.</summary>
    public IEnumerable<long> Ends
    {
        get
        {
            var (final, tentative) = (_final.First, _tentative.First);
            while ((final ?? tentative) is not null)
            {
                var isFinal = tentative is null || (final is not null && final.Deadline <= tentative.Deadline);
                yield return (isFinal ? final : tentative)!.Deadline;
                (final, tentative) = isFinal ? (final!.Next, tentative) : (final, tentative!.Next);
            }
        }
    }

    /// <summary>Finds what an operation holds.</summary>
    /// <param name="id">The operation.</param>
    /// <param name="held">What it holds.</param>
    /// <returns>Whether it holds something.</returns>
    public bool TryFind(string id, [MaybeNullWhen(false)] out T held)
    {
        if (_byId is not null)
            return _byId.TryGetValue(id, out held);

        held = (T?)(_final.Find(id) ?? _tentative.Find(id));
        return held is not null;
    }

    /// <summary>Begins a lease.</summary>
    /// <param name="held">What is held; its operation holds nothing yet.</param>
    /// <exception cref="ArgumentException">The operation holds something.</exception>
    public void Add(T held)
    {
        if (!(_byId?.TryAdd(held.Id, held) ?? !TryFind(held.Id, out _)))
            throw new ArgumentException($"Operation '{held.Id}' holds a lease already.", nameof(held));

        held.IsHeld = true;
        Place(held);
        Count++;
        if (held.Tentative)
            Tentative++;

        if (_byId is null && Count > Few)
            _byId = All.ToDictionary(one => one.Id, StringComparer.Ordinal);
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
        if (!held.IsHeld)
            return;

        held.IsHeld = false;
        OrderOf(held).Remove(held);
        Count--;
        if (held.Tentative)
            Tentative--;

        if (Count == 0)
            _byId = null;
        else
            _byId?.Remove(held.Id);
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

    private ref LeaseOrder OrderOf(T held) => ref held.Tentative ? ref _tentative : ref _final;
}
