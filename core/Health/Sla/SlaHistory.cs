namespace OrleansChat.Core.Health.Sla;

/// <summary>How many looks found a component at work, hour by hour, over the longest window.</summary>
/// <param name="components">What it holds: each component's hours.</param>
public sealed class SlaHistory(Dictionary<string, SlaRow> components)
{
    /// <summary>Hours that are kept: 30 days.</summary>
    public const int Hours = 30 * Day;

    private const int Day = 24;
    private const int Week = 7 * Day;

    /// <summary>More components than any server has; what comes after is not kept.</summary>
    private const int MostComponents = 500;

    /// <summary>Adds looks.</summary>
    /// <param name="component">The component.</param>
    /// <param name="hour">The hour, counted from 1970.</param>
    /// <param name="good">Looks that found it at work.</param>
    /// <param name="total">All looks.</param>
    public void Add(string component, long hour, int good, int total)
    {
        if (components.TryGetValue(component, out var row))
            row.Add(hour, good, total);
        else if (components.Count < MostComponents)
            components[component] = SlaRow.Of(hour, good, total);
    }

    /// <summary>The looks of every component in the windows that end now; the hour of now counts as far as it has come.</summary>
    /// <param name="now">The hour of now.</param>
    /// <returns>The looks by component.</returns>
    public Dictionary<string, SlaLooks> At(long now) => components.ToDictionary(
        one => one.Key,
        one => new SlaLooks(one.Value.Sum(now, Day), one.Value.Sum(now, Week), one.Value.Sum(now, Hours)),
        StringComparer.Ordinal);
}

/// <summary>The looks of a component in hours that follow one another.</summary>
public sealed class SlaRow
{
    /// <summary>The first hour, counted from 1970.</summary>
    public long From { get; set; }

    /// <summary>All looks of each hour.</summary>
    public List<int> Total { get; set; } = [];

    /// <summary>Those that did not find it at work.</summary>
    public List<int> Bad { get; set; } = [];

    /// <summary>A row of one hour.</summary>
    /// <param name="hour">The hour.</param>
    /// <param name="good">Looks that found it at work.</param>
    /// <param name="total">All looks.</param>
    /// <returns>The row.</returns>
    public static SlaRow Of(long hour, int good, int total) => new() { From = hour, Total = [total], Bad = [total - good] };

    /// <summary>Adds looks; hours that are older than the longest window are forgotten.</summary>
    /// <param name="hour">The hour.</param>
    /// <param name="good">Looks that found it at work.</param>
    /// <param name="total">All looks.</param>
    public void Add(long hour, int good, int total)
    {
        // A clock that was set back counts into the oldest hour that is left.
        var place = (int)Math.Clamp(hour - From, 0, int.MaxValue);
        if (place >= SlaHistory.Hours)
        {
            var old = (int)Math.Min(place - SlaHistory.Hours + 1, Total.Count);
            Total.RemoveRange(0, old);
            Bad.RemoveRange(0, old);
            From = Total.Count == 0 ? hour : From + old;
            place = (int)(hour - From);
        }

        for (var i = Total.Count; i <= place; i++)
        {
            Total.Add(0);
            Bad.Add(0);
        }

        Total[place] += total;
        Bad[place] += total - good;
    }

    /// <summary>The looks of a window.</summary>
    /// <param name="now">Its last hour.</param>
    /// <param name="hours">Its length in hours.</param>
    /// <returns>The looks.</returns>
    public SlaCount Sum(long now, int hours)
    {
        var first = (int)Math.Clamp(now - hours + 1 - From, 0, Total.Count);
        var total = Total.Skip(first).Sum(count => (long)count);
        return new SlaCount(total - Bad.Skip(first).Sum(count => (long)count), total);
    }
}

/// <summary>Looks.</summary>
/// <param name="Good">Those that found the component at work.</param>
/// <param name="Total">All.</param>
public sealed record SlaCount(long Good, long Total)
{
    /// <summary>No looks.</summary>
    public static readonly SlaCount None = new(0, 0);

    /// <summary>These looks and others.</summary>
    /// <param name="other">The others.</param>
    /// <returns>All of them.</returns>
    public SlaCount And(SlaCount other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new SlaCount(Good + other.Good, Total + other.Total);
    }

    /// <summary>The share of those that found the component at work, in per cent; 100 where there was no look.</summary>
    /// <returns>The share, with four digits.</returns>
    public double Share() => Total == 0 ? 100 : Math.Round(Good * 100.0 / Total, 4);
}

/// <summary>The looks of a component in each window.</summary>
/// <param name="Day">In 24 hours.</param>
/// <param name="Week">In 7 days.</param>
/// <param name="Month">In 30 days.</param>
public sealed record SlaLooks(SlaCount Day, SlaCount Week, SlaCount Month)
{
    /// <summary>No looks.</summary>
    public static readonly SlaLooks None = new(SlaCount.None, SlaCount.None, SlaCount.None);

    /// <summary>These looks and others.</summary>
    /// <param name="other">The others.</param>
    /// <returns>All of them.</returns>
    public SlaLooks And(SlaLooks other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new SlaLooks(Day.And(other.Day), Week.And(other.Week), Month.And(other.Month));
    }
}
