namespace OrleansChat.Core.Sessions;

/// <summary>The stored value of <see cref="SessionIndexActor"/>: the lines themselves are in pages.</summary>
public sealed class SessionIndexState
{
    /// <summary>Pages that may hold lines: page 0 to this number, exclusive.</summary>
    public int Pages { get; set; }

    /// <summary>Pages that hold what was said in the sessions: page 0 to this number, exclusive.</summary>
    public int TextPages { get; set; }
}

/// <summary>One page of the index, rewritten as a whole when a line of it changes.</summary>
public sealed class SessionIndexPage
{
    /// <summary>Lines by their place; null where a session was removed.</summary>
    public List<SessionLine?> Lines { get; set; } = [];
}
