using System.Diagnostics;

namespace OrleansChat.Core.Telemetry.Exposition;

/// <summary>A measured value, and the trace that it belongs to.</summary>
internal sealed record Exemplar(double Value, string TraceId, DateTimeOffset At);

/// <summary>One combination of label values of a family.</summary>
/// <param name="labels">The labels as they are written, without braces.</param>
/// <param name="bounds">Upper bounds of a histogram's buckets; empty for other kinds.</param>
internal sealed class Series(string labels, IReadOnlyList<double> bounds)
{
    private static readonly TimeSpan ExemplarAge = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly long[] _buckets = new long[bounds.Count == 0 ? 0 : bounds.Count + 1];
    private readonly Exemplar?[] _exemplars = new Exemplar?[bounds.Count == 0 ? 1 : bounds.Count + 1];
    private double _sum;
    private long _count;

    /// <summary>The labels as they are written, without braces.</summary>
    public string Labels { get; } = labels;

    /// <summary>Adds to a counter or to an up-down counter.</summary>
    public void Add(double value, TimeProvider time)
    {
        lock (_gate)
        {
            _sum += value;
            Remember(0, value, time);
        }
    }

    /// <summary>Sets a gauge, or a counter that is read from elsewhere.</summary>
    public void Set(double value)
    {
        lock (_gate)
            _sum = value;
    }

    /// <summary>Adds a value to a histogram.</summary>
    public void Record(double value, TimeProvider time)
    {
        var bucket = 0;
        while (bucket < bounds.Count && value > bounds[bucket])
            bucket++;
        lock (_gate)
        {
            _sum += value;
            _count++;
            _buckets[bucket]++;
            Remember(bucket, value, time);
        }
    }

    /// <summary>The values at one moment.</summary>
    public Reading Read()
    {
        lock (_gate)
            return new Reading(_sum, _count, [.. _buckets], [.. _exemplars]);
    }

    // Only values within a trace that is recorded lead anywhere. One for each second is enough for whoever looks, and most measurements then make none.
    private void Remember(int place, double value, TimeProvider time)
    {
        if (Activity.Current is { Recorded: true } span && time.GetUtcNow() is var now && (_exemplars[place] is not { } last || now - last.At >= ExemplarAge))
            _exemplars[place] = new Exemplar(value, span.TraceId.ToHexString(), now);
    }

    internal sealed record Reading(double Sum, long Count, long[] Buckets, Exemplar?[] Exemplars);
}
