namespace OrleansChat.GatewayApi.Tests.Conversations;

/// <summary>What one reader has heard of a turn, while he hears it.</summary>
/// <param name="after">The last number that he claims to have.</param>
internal sealed class Heard(long after)
{
    private readonly Lock _gate = new();
    private readonly List<HeardEvent> _events = [];

    public long After => after;

    public IReadOnlyList<HeardEvent> Events
    {
        get
        {
            lock (_gate)
                return [.. _events];
        }
    }

    /// <summary>The last number.</summary>
    public long Last => Events is [.., var last] ? last.Sequence : after;

    /// <summary>Whether the turn's end was among it.</summary>
    public bool HasEnd => Events is [.., { IsLast: true }];

    /// <summary>All that was said, before restarts and after.</summary>
    public string Said => string.Concat(Events.Where(entry => entry.Name == HeardEvent.Delta).Select(entry => entry.Told));

    public void Add(HeardEvent entry)
    {
        lock (_gate)
            _events.Add(entry);
    }

    /// <summary>What is wrong with it, where the turn's events are these.</summary>
    /// <param name="all">All events of the turn, from its first to its last.</param>
    /// <param name="isWhole">Whether he stayed to the end.</param>
    public string? FaultOf(IReadOnlyList<HeardEvent> all, bool isWhole)
    {
        var due = all.Where(entry => entry.Sequence > after).ToList();
        var events = Events;
        if (!events.SequenceEqual(due.Take(events.Count)))
            return $"heard after {after}\n  {string.Join("\n  ", events)}\nof\n  {string.Join("\n  ", all)}";

        return isWhole && events.Count != due.Count ? $"heard {events.Count} of {due.Count} events after {after}" : null;
    }

    public override string ToString() => $"{Events.Count} events after {after}, the last {(Events is [.., var last] ? last : null)}";
}
