namespace OrleansChat.Core.Actors;

/// <summary>
/// Holdings by their deadline, linked through themselves. One that ends last, as a new one of the usual length does, is added at once; another
/// passes those that end after it.
/// </summary>
internal sealed class LeaseOrder
{
    /// <summary>The one that ends first.</summary>
    public Leased? First { get; private set; }

    /// <summary>The one that ends last.</summary>
    public Leased? Last { get; private set; }

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
