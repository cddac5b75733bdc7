using OrleansChat.Core.Actors;

namespace OrleansChat.Core.Errors.Incidents;

/// <summary>
/// Counts failures by their causes, and raises an incident when one cause fails again and again. What it holds is bounded, whatever fails.
/// </summary>
/// <param name="state">What it holds.</param>
public sealed class IncidentLedger(IncidentsState state)
{
    /// <summary>Failures of one cause within <see cref="RaiseWithin"/> that make an incident.</summary>
    public const int RaiseAt = 5;

    /// <summary>The time within which they have to come.</summary>
    public static readonly TimeSpan RaiseWithin = TimeSpan.FromMinutes(5);

    /// <summary>The silence after which an incident is over.</summary>
    public static readonly TimeSpan OverAfter = TimeSpan.FromMinutes(15);

    private const int MostPatterns = 200;

    /// <summary>Takes failures in.</summary>
    /// <param name="tally">Failures of one cause.</param>
    /// <returns>The pattern that became an incident by them; null for none.</returns>
    public FailurePattern? Take(FailureTally tally)
    {
        ArgumentNullException.ThrowIfNull(tally);
        Count(tally);
        var name = tally.Last.Pattern;
        var known = state.Patterns.GetValueOrDefault(name);

        // What comes back after its end is another incident.
        if (known is { Id: not null } && tally.FirstAt - known.Failures.Last.At >= OverAfter)
            known = null;
        else if (known is null && state.Patterns.Count >= MostPatterns)
            state.Patterns.Remove(state.Patterns.MinBy(one => one.Value.Failures.Last.At).Key);

        var now = new FailurePattern(known?.Id, known?.Failures.And(tally) ?? tally);
        var isRaised = now.Id is null && IsRaised(now.Failures.Times);
        state.Patterns[name] = isRaised ? now with { Id = Guid.CreateVersion7(tally.Last.At).ToString() } : now;
        return isRaised ? state.Patterns[name] : null;
    }

    /// <summary>What is known at a moment.</summary>
    /// <param name="now">The moment.</param>
    /// <returns>Incidents and counts.</returns>
    public IncidentList At(DateTimeOffset now) => new(
        [.. state.Patterns.Values.Where(pattern => pattern.Id is not null).OrderByDescending(pattern => pattern.Failures.Last.At).Select(pattern => ToIncident(pattern, now))],
        [.. state.Counts.OrderByDescending(one => one.Count)]);

    private static bool IsRaised(IReadOnlyList<DateTimeOffset> times) => times.Count >= RaiseAt && times[^1] - times[^RaiseAt] <= RaiseWithin;

    private static Incident ToIncident(FailurePattern pattern, DateTimeOffset now) => new()
    {
        Id = pattern.Id!,
        Layer = pattern.Failures.Last.Layer,
        Code = pattern.Failures.Last.Code,
        Subject = pattern.Failures.Last.Subject,
        Causes = pattern.Failures.Last.Causes,
        Detail = pattern.Failures.Last.Detail,
        Cure = pattern.Failures.Last.Cure,
        Count = pattern.Failures.Count,
        FirstAt = pattern.Failures.FirstAt,
        LastAt = pattern.Failures.Last.At,
        Open = now - pattern.Failures.Last.At < OverAfter,
        CorrelationIds = pattern.Failures.CorrelationIds,
    };

    private void Count(FailureTally tally)
    {
        var place = state.Counts.FindIndex(one => one.Layer == tally.Last.Layer && one.Code == tally.Last.Code);
        if (place < 0)
            state.Counts.Add(new FailureCount(tally.Last.Layer, tally.Last.Code, tally.Count));
        else
            state.Counts[place] = state.Counts[place] with { Count = state.Counts[place].Count + tally.Count };
    }
}

/// <summary>Failures of one cause as they are kept.</summary>
/// <param name="Id">The incident's id; null where they are none yet.</param>
/// <param name="Failures">The failures.</param>
public sealed record FailurePattern(string? Id, FailureTally Failures);

/// <summary>The stored value of <see cref="IncidentsActor"/>.</summary>
public sealed class IncidentsState
{
    /// <summary>Failures by their causes.</summary>
    public Dictionary<string, FailurePattern> Patterns { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Failures by layer and code. Both are words of this product, so there are few.</summary>
    public List<FailureCount> Counts { get; set; } = [];

    /// <summary>Which reports are in.</summary>
    public ReportSources Sources { get; set; } = new();
}
