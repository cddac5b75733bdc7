namespace OrleansChat.Core.Health.Sla;

/// <summary>How many looks found a component at work, hour by hour, over the longest window.</summary>
public sealed class SlaHistory
{
    /// <summary>Hours that are kept: 30 days.</summary>
    public const int Hours = 30 * 24;

    private readonly Dictionary<string, SortedDictionary<long, SlaHour>> _components = new(StringComparer.Ordinal);

    /// <summary>Adds looks.</summary>
    /// <param name="component">The component.</param>
    /// <param name="hour">The hour, counted from 1970.</param>
    /// <param name="good">Looks that found it at work.</param>
    /// <param name="total">All looks.</param>
    public void Add(string component, long hour, long good, long total)
    {
        if (!_components.TryGetValue(component, out var hours))
            _components[component] = hours = [];
        var before = hours.GetValueOrDefault(hour) ?? new SlaHour(hour, 0, 0);
        hours[hour] = before with { Good = before.Good + good, Total = before.Total + total };
        while (hours.Count > 0 && hours.First().Key <= hour - Hours)
            hours.Remove(hours.First().Key);
    }

    /// <summary>The share of looks that found a component at work, in per cent.</summary>
    /// <param name="component">The component.</param>
    /// <param name="now">The hour of now.</param>
    /// <param name="hours">The window's length in hours; the hour of now counts as far as it has come.</param>
    /// <returns>The share; null where there was no look.</returns>
    public double? Share(string component, long now, int hours)
    {
        if (!_components.TryGetValue(component, out var known))
            return null;

        long good = 0, total = 0;
        foreach (var hour in known.Values.Where(hour => hour.Hour > now - hours))
            (good, total) = (good + hour.Good, total + hour.Total);
        return total == 0 ? null : good * 100.0 / total;
    }

    /// <summary>The history as it is kept.</summary>
    /// <returns>Each component's hours.</returns>
    public Dictionary<string, SlaHour[]> ToRecord() => _components.ToDictionary(one => one.Key, one => one.Value.Values.ToArray(), StringComparer.Ordinal);

    /// <summary>A history that was kept.</summary>
    /// <param name="record">Each component's hours; null for none.</param>
    /// <returns>The history.</returns>
    public static SlaHistory Of(Dictionary<string, SlaHour[]>? record)
    {
        var history = new SlaHistory();
        foreach (var (component, hours) in record ?? [])
        {
            foreach (var hour in hours)
                history.Add(component, hour.Hour, hour.Good, hour.Total);
        }

        return history;
    }
}

/// <summary>The looks of an hour.</summary>
/// <param name="Hour">The hour, counted from 1970.</param>
/// <param name="Good">Looks that found the component at work.</param>
/// <param name="Total">All looks.</param>
public sealed record SlaHour(long Hour, long Good, long Total);
