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

    /// <summary>Failures of one layer and code within <see cref="RaiseWithin"/> that are too many, whatever their causes.</summary>
    public const long TooManyAt = 50;

    /// <summary>The time within which they have to come.</summary>
    public static readonly TimeSpan RaiseWithin = TimeSpan.FromMinutes(5);

    /// <summary>The silence after which an incident is over.</summary>
    public static readonly TimeSpan OverAfter = TimeSpan.FromMinutes(15);

    private const int MostPatterns = 200;

    private static readonly TimeSpan Stretch = TimeSpan.FromSeconds(10);

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
        [.. state.Counts.OrderByDescending(one => one.Count).Select(one => one with { Recent = RecentOf(one, now), Threshold = TooManyAt })]);

    private static DateTimeOffset StretchOf(DateTimeOffset at) => new(at.UtcTicks - (at.UtcTicks % Stretch.Ticks), TimeSpan.Zero);

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

    private long RecentOf(FailureCount count, DateTimeOffset now) => state.Recent
        .Where(recent => recent.Layer == count.Layer && recent.Code == count.Code && now - recent.From < RaiseWithin)
        .Sum(static recent => recent.Count);

    private void Count(FailureTally tally)
    {
        var (layer, code, at) = (tally.Last.Layer, tally.Last.Code, tally.Last.At);
        var place = state.Counts.FindIndex(one => one.Layer == layer && one.Code == code);
        if (place < 0)
            state.Counts.Add(new FailureCount(layer, code, tally.Count));
        else
            state.Counts[place] = state.Counts[place] with { Count = state.Counts[place].Count + tally.Count };

        var from = StretchOf(at);
        state.Recent.RemoveAll(recent => at - recent.From >= RaiseWithin);
        place = state.Recent.FindIndex(recent => recent.Layer == layer && recent.Code == code && recent.From == from);
        if (place < 0)
            state.Recent.Add(new RecentFailures(layer, code, from, tally.Count));
        else
            state.Recent[place] = state.Recent[place] with { Count = state.Recent[place].Count + tally.Count };
    }
}

/// <summary>Failures of one layer and code in a stretch of ten seconds.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Code">The problem's code.</param>
/// <param name="From">When the stretch began.</param>
/// <param name="Count">How many they are.</param>
public sealed record RecentFailures(string Layer, string Code, DateTimeOffset From, long Count);

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

    /// <summary>The newest of them.</summary>
    public List<RecentFailures> Recent { get; set; } = [];

    /// <summary>Which reports are in.</summary>
    public ReportSources Sources { get; set; } = new();
}
