namespace OrleansChat.Core.Errors.Incidents;

/// <summary>Failures of one cause, counted together.</summary>
/// <param name="Last">The newest.</param>
/// <param name="Count">How many they are.</param>
/// <param name="FirstAt">When the first of them was.</param>
/// <param name="Times">When the newest of them were, oldest first: at most <see cref="IncidentLedger.RaiseAt"/>.</param>
/// <param name="CorrelationIds">The ids of the newest of them, oldest first.</param>
public sealed record FailureTally(
    FailureReport Last, long Count, DateTimeOffset FirstAt, IReadOnlyList<DateTimeOffset> Times, IReadOnlyList<string> CorrelationIds)
{
    private const int MostIds = 5;

    /// <summary>A single failure.</summary>
    /// <param name="report">The failure.</param>
    /// <returns>The tally.</returns>
    public static FailureTally Of(FailureReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return new FailureTally(report, 1, report.At, [report.At], [report.CorrelationId]);
    }

    /// <summary>These failures and others of the same cause.</summary>
    /// <param name="other">The others.</param>
    /// <returns>All of them.</returns>
    public FailureTally And(FailureTally other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new FailureTally(
            other.Last.At >= Last.At ? other.Last : Last,
            Count + other.Count,
            other.FirstAt < FirstAt ? other.FirstAt : FirstAt,
            [.. Times.Concat(other.Times).Order().TakeLast(IncidentLedger.RaiseAt)],
            [.. CorrelationIds.Concat(other.CorrelationIds).TakeLast(MostIds)]);
    }
}

/// <summary>The failures of a process since its report before.</summary>
/// <param name="Source">The process: a name that no other has.</param>
/// <param name="Sequence">The report's number: a repeat changes nothing.</param>
/// <param name="Failures">The failures, by their causes.</param>
public sealed record FailureBatch(string Source, long Sequence, IReadOnlyList<FailureTally> Failures);

/// <summary>Failures by layer and code.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Code">The problem's code.</param>
/// <param name="Count">How many they are.</param>
public sealed record FailureCount(string Layer, string Code, long Count)
{
    /// <summary>Those of the last <see cref="IncidentLedger.RaiseWithin"/>, to ten seconds.</summary>
    public long Recent { get; init; }

    /// <summary>How many within that time are too many, whatever their causes.</summary>
    public long Threshold { get; init; } = IncidentLedger.TooManyAt;

    /// <summary>Whether they are too many.</summary>
    public bool Exceeded => Recent >= Threshold;
}

/// <summary>What is known of failures.</summary>
/// <param name="Items">The incidents, newest first.</param>
/// <param name="Counts">All failures by layer and code, most first.</param>
public sealed record IncidentList(IReadOnlyList<Incident> Items, IReadOnlyList<FailureCount> Counts);
