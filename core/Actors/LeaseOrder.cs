namespace OrleansChat.Core.Actors;

/// <summary>
/// Holdings by their deadline, linked through themselves. One that ends last, as a new one of the usual length does, is added at once; another
/// passes those that end after it. A part of its table, and not an object of its own.
/// </summary>
internal struct LeaseOrder
{
    /// <summary>The one that ends first.</summary>
    public Leased? First { get; private set; }

    /// <summary>The one that ends last.</summary>
    public Leased? Last { get; private set; }

    /// <summary>Finds what an operation holds, one by one from the last on: what is asked for began lately.</summary>
    /// <param name="id">The operation.</param>
    /// <returns>What it holds; null for nothing.</returns>
    public readonly Leased? Find(string id)
    {
        var held = Last;
        while (held is not null && held.Id != id)
            held = held.Previous;

        return held;
    }

    /// <summary>Adds a holding in its place; of equal deadlines the earlier one stays first.</summary>
    /// <param name="held">The holding.</param>
    public void Add(Leased held)
    {
        var before = Last;
        while (before is not null && before.Deadline > held.Deadline)
            before = before.Previous;

        var after = before is null ? First : before.Next;
        (held.Previous, held.Next) = (before, after);
        if (before is null)
            First = held;
        else
            before.Next = held;

        if (after is null)
            Last = held;
        else
            after.Previous = held;
    }

    /// <summary>Takes a holding out.</summary>
    /// <param name="held">The holding.</param>
    public void Remove(Leased held)
    {
        if (held.Previous is { } before)
            before.Next = held.Next;
        else
            First = held.Next;

        if (held.Next is { } after)
            after.Previous = held.Previous;
        else
            Last = held.Previous;

        (held.Previous, held.Next) = (null, null);
    }
}
