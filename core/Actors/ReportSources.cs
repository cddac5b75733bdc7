namespace OrleansChat.Core.Actors;

/// <summary>
/// The numbered reports that processes send to an owner: one that comes again is known for it. A process numbers its reports 1, 2, 3, … under a name that no
/// other process has.
/// </summary>
public sealed class ReportSources
{
    private const int Most = 1_000;

    /// <summary>The newest report of each process.</summary>
    public Dictionary<string, ReportMark> Marks { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Takes a report in.</summary>
    /// <param name="source">The process.</param>
    /// <param name="sequence">The report's number.</param>
    /// <param name="now">Now.</param>
    /// <returns>Whether it is new; otherwise it is in already.</returns>
    public bool TryTake(string source, long sequence, DateTimeOffset now)
    {
        if (Marks.TryGetValue(source, out var known) && sequence <= known.Sequence)
            return false;

        // Processes that have not reported for longest are gone.
        if (known is null && Marks.Count >= Most)
            Marks.Remove(Marks.MinBy(mark => mark.Value.At).Key);
        Marks[source] = new ReportMark(sequence, now);
        return true;
    }
}

/// <summary>The newest report of a process.</summary>
/// <param name="Sequence">Its number.</param>
/// <param name="At">When it came.</param>
public sealed record ReportMark(long Sequence, DateTimeOffset At);
