using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace OrleansChat.Core.Telemetry.Exposition;

/// <summary>
/// Collects the metrics of this host: those of its meter factory, and those of the runtime and of Orleans, which have none. Its
/// callbacks run on the threads that measure, so they take one look-up and one short lock.
/// </summary>
public sealed class MetricCollector : IDisposable
{
    private static readonly HashSet<string> ProcessMeters = new(StringComparer.Ordinal) { "System.Runtime", "Microsoft.Orleans" };
    private static readonly HashSet<string> HostMeters = new(StringComparer.Ordinal)
    {
        TelemetryNames.Meter, "OrleansChat.Search", "OrleansChat.Sessions", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel",
    };

    private readonly ConcurrentDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();
    private readonly Lock _observing = new();

    /// <summary>Begins to collect.</summary>
    /// <param name="meters">The host's meter factory.</param>
    /// <param name="time">The source of time.</param>
    public MetricCollector(IMeterFactory meters, TimeProvider time)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            var meter = instrument.Meter;
            if (!ProcessMeters.Contains(meter.Name) && !(HostMeters.Contains(meter.Name) && ReferenceEquals(meter.Scope, meters)))
                return;

            var family = new MetricFamily(instrument, time);
            listener.EnableMeasurementEvents(instrument, _families.GetOrAdd(family.Name, family));
        };
        _listener.SetMeasurementEventCallback<double>(static (instrument, value, tags, family) => Measure(instrument, value, tags, family));
        _listener.SetMeasurementEventCallback<float>(static (instrument, value, tags, family) => Measure(instrument, value, tags, family));
        _listener.SetMeasurementEventCallback<decimal>(static (instrument, value, tags, family) => Measure(instrument, (double)value, tags, family));
        _listener.SetMeasurementEventCallback<long>(static (instrument, value, tags, family) => Measure(instrument, value, tags, family));
        _listener.SetMeasurementEventCallback<int>(static (instrument, value, tags, family) => Measure(instrument, value, tags, family));
        _listener.SetMeasurementEventCallback<short>(static (instrument, value, tags, family) => Measure(instrument, value, tags, family));
        _listener.SetMeasurementEventCallback<byte>(static (instrument, value, tags, family) => Measure(instrument, value, tags, family));
        _listener.Start();
    }

    /// <summary>Everything collected so far, as text.</summary>
    /// <param name="openMetrics">Whether as OpenMetrics, with exemplars, or in Prometheus' own format.</param>
    /// <returns>The text.</returns>
    public string Write(bool openMetrics)
    {
        lock (_observing)
        {
            foreach (var family in _families.Values)
                family.Forget();
            _listener.RecordObservableInstruments();
            return MetricText.Write(_families.Values.OrderBy(family => family.Name, StringComparer.Ordinal), openMetrics);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private static void Measure(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? family)
    {
        if (instrument is Gauge<long> or Gauge<double> or Gauge<int>)
            ((MetricFamily)family!).Set(value, tags);
        else
            ((MetricFamily)family!).Measure(value, tags);
    }
}
