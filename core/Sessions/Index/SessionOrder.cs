namespace OrleansChat.Core.Sessions;

/// <summary>An owner's sessions in memory, most recently used first, with where each is stored.</summary>
internal sealed class SessionOrder
{
    private readonly Dictionary<string, (SessionLine Line, int Place)> _byId = new(StringComparer.Ordinal);
    private readonly SortedSet<SessionCursor> _newestFirst = [];

    /// <summary>How many there are.</summary>
    public int Count => _byId.Count;

    /// <summary>Where a session is stored; null for an unknown one.</summary>
    public int? PlaceOf(string id) => _byId.TryGetValue(id, out var known) ? known.Place : null;

    /// <summary>Adds a line or takes the place of the one before.</summary>
    public void Put(SessionLine line, int place)
    {
        Remove(line.Id);
        _byId[line.Id] = (line, place);
        _newestFirst.Add(SessionCursor.Of(line));
    }

    /// <summary>Removes a line; an unknown one changes nothing.</summary>
    public void Remove(string id)
    {
        if (_byId.Remove(id, out var known))
            _newestFirst.Remove(SessionCursor.Of(known.Line));
    }

    /// <summary>Lines after a place in the order.</summary>
    /// <param name="after">The last line seen; null for the beginning. It need not exist any more.</param>
    /// <returns>The lines, most recently used first.</returns>
    public IEnumerable<SessionLine> After(SessionCursor? after)
    {
        // A view starts at its lower bound in O(log n) steps.
        var rest = after is { } last ? _newestFirst.GetViewBetween(last, SessionCursor.End) : _newestFirst;
        foreach (var place in rest)
        {
            if (place != after)
                yield return _byId[place.Id].Line;
        }
    }
}
