using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace OrleansChat.Core.Telemetry.Exposition;

/// <summary>What a family is to Prometheus.</summary>
internal enum FamilyKind
{
    /// <summary>It only grows.</summary>
    Counter,

    /// <summary>It goes up and down.</summary>
    Gauge,

    /// <summary>Values in buckets.</summary>
    Histogram,
}

/// <summary>All series of one instrument. Their number is bounded, whatever label values come: what is beyond goes into one series.</summary>
internal sealed class MetricFamily
{
    /// <summary>Series of a family.</summary>
    public const int MostSeries = 500;

    private const int MostLabelCharacters = 128;
    private const string Overflow = "otel_metric_overflow=\"true\"";

    private static readonly double[] DefaultBounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    private readonly ConcurrentDictionary<KeyValuePair<string, object?>[], Series> _byTags = new(TagComparer.Instance);
    private readonly ConcurrentDictionary<string, Series> _series = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly bool _isObserved;

    public MetricFamily(Instrument instrument, TimeProvider time)
    {
        _time = time;
        _isObserved = instrument.IsObservable;
        Name = MetricName.Of(instrument);
        Help = instrument.Description ?? "";
        Unit = MetricName.Unit(instrument.Unit);
        Kind = KindOf(instrument.GetType());
        Bounds = Kind is not FamilyKind.Histogram ? [] : BoundsOf(instrument) ?? DefaultBounds;
    }

    public string Name { get; }

    public string Help { get; }

    public string? Unit { get; }

    public FamilyKind Kind { get; }

    public IReadOnlyList<double> Bounds { get; }

    /// <summary>The series, in order of their labels.</summary>
    public IEnumerable<Series> All => _series.Values.OrderBy(series => series.Labels, StringComparer.Ordinal);

    /// <summary>Takes a measurement in.</summary>
    public void Measure(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var series = Find(tags);
        if (Kind is FamilyKind.Histogram)
            series.Record(value, _time);
        else if (_isObserved)
            series.Set(value);
        else
            series.Add(value, _time);
    }

    /// <summary>Sets a gauge that is told its values.</summary>
    public void Set(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) => Find(tags).Set(value);

    /// <summary>Forgets series that are read anew, so that what is gone is not shown any more.</summary>
    public void Forget()
    {
        if (!_isObserved)
            return;
        _byTags.Clear();
        _series.Clear();
    }

    private static FamilyKind KindOf(Type type)
    {
        var generic = type.GetGenericTypeDefinition();
        if (generic == typeof(Counter<>) || generic == typeof(ObservableCounter<>))
            return FamilyKind.Counter;
        return generic == typeof(Histogram<>) ? FamilyKind.Histogram : FamilyKind.Gauge;
    }

    private static double[]? BoundsOf(Instrument instrument) => instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds],
        Histogram<long> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(bound => (double)bound)],
        Histogram<int> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(bound => (double)bound)],
        _ => null,
    };

    private Series Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var byTags = _byTags.GetAlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>>();
        if (byTags.TryGetValue(tags, out var series))
            return series;

        // The same labels in another order are the same series. Past the bound, nothing more is remembered.
        var isFull = _byTags.Count >= MostSeries;
        series = _series.GetOrAdd(isFull ? Overflow : Render(tags), static (labels, bounds) => new Series(labels, bounds), Bounds);
        if (!isFull)
            byTags.TryAdd(tags, series);
        return series;
    }

    private static string Render(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in tags)
            labels[MetricName.Clean(name)] = Escape(Text(value));
        return string.Join(',', labels.Select(label => $"{label.Key}=\"{label.Value}\""));
    }

    private static string Text(object? value) => value switch
    {
        null => "",
        bool flag => flag ? "true" : "false",
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private static string Escape(string value)
    {
        var escaped = new StringBuilder(value.Length);
        foreach (var character in value.AsSpan(0, Math.Min(value.Length, MostLabelCharacters)))
        {
            _ = character switch
            {
                '\\' => escaped.Append("\\\\"),
                '"' => escaped.Append("\\\""),
                '\n' => escaped.Append("\\n"),
                < ' ' => escaped.Append(' '),
                _ => escaped.Append(character),
            };
        }

        return escaped.ToString();
    }
}
