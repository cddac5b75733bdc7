namespace OrleansChat.Core.Sessions;

/// <summary>The stored value of <see cref="SessionDeadlinesActor"/>: the entries themselves are in pages, by the hour that they are due in.</summary>
public sealed class SessionDeadlinesState
{
    /// <summary>How many pages each hour has, by the hour's number since the year 1. Bounded, since nothing is entered far ahead.</summary>
    public SortedDictionary<long, int> PagesByHour { get; set; } = [];
}

/// <summary>A page of deadlines of one hour.</summary>
public sealed class SessionDeadlinePage
{
    /// <summary>The deadlines, in no order.</summary>
    public List<SessionDeadline> Items { get; set; } = [];
}
