using System.Diagnostics;
using System.Diagnostics.Metrics;
using OrleansChat.Core.Telemetry;
using OrleansChat.Core.Telemetry.Exposition;
using OrleansChat.Testing;
using OrleansChat.Testing.Telemetry;

namespace OrleansChat.Core.Tests.Telemetry;

public sealed class MetricCollectorTests : IDisposable
{
    private readonly TestMeters _meters = new();
    private readonly MetricCollector _collector;
    private readonly Meter _meter;

    public MetricCollectorTests()
    {
        _collector = new MetricCollector(_meters, new FakeClock());
        _meter = _meters.Create(new MeterOptions(TelemetryNames.Meter));
    }

    public void Dispose()
    {
        _collector.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public void Counter_IsDescribedAndEndsInTotal()
    {
        var counter = _meter.CreateCounter<long>("some.things", "{thing}", "Things,\nby \\ kind.");
        counter.Add(2, new KeyValuePair<string, object?>("kind", "a"));
        counter.Add(3, new KeyValuePair<string, object?>("kind", "a"));

        var text = _collector.Write(openMetrics: false);

        Assert.Contains("# TYPE some_things_total counter\n# HELP some_things_total Things,\\nby \\\\ kind.\nsome_things_total{kind=\"a\"} 5\n", text, StringComparison.Ordinal);
        MetricPage.Parse(text);
    }

    [Fact]
    public void Label_WithHostileCharacters_IsEscapedAndCut()
    {
        var counter = _meter.CreateCounter<long>("hostile");
        counter.Add(1, new KeyValuePair<string, object?>("a-b", "x\"} 9\nfake_total 1\\\r\u0007"));
        counter.Add(1, new KeyValuePair<string, object?>("a-b", new string('y', 10_000)));

        var page = MetricPage.Parse(_collector.Write(openMetrics: false));

        Assert.DoesNotContain(page.Samples, sample => sample.Name == "fake_total");
        Assert.Equal(["x\"} 9\nfake_total 1\\  ", new string('y', 128)], page.Find("hostile_total").Select(sample => sample.Labels["a_b"]));
    }

    [Fact]
    public void Labels_InAnotherOrder_AreTheSameSeries()
    {
        var counter = _meter.CreateCounter<long>("ordered");
        counter.Add(1, new("a", 1), new("b", true));
        counter.Add(1, new("b", true), new("a", 1));

        var sample = Assert.Single(MetricPage.Parse(_collector.Write(openMetrics: false)).Find("ordered_total"));

        Assert.Equal((2, "1", "true"), (sample.Value, sample.Labels["a"], sample.Labels["b"]));
    }

    [Fact]
    public void Labels_WithoutEnd_AreBoundedAndNothingIsLost()
    {
        var counter = _meter.CreateCounter<long>("flooded");
        for (var i = 0; i < 10_000; i++)
            counter.Add(1, new KeyValuePair<string, object?>("client", $"c{i}"));

        var page = MetricPage.Parse(_collector.Write(openMetrics: false));

        Assert.Equal(MetricFamily.MostSeries + 1, page.Find("flooded_total").Count());
        Assert.Equal(10_000, page.Sum("flooded_total"));
        Assert.Equal(10_000 - MetricFamily.MostSeries, page.Sum("flooded_total", ("otel_metric_overflow", "true")));
    }

    [Fact]
    public void Histogram_HasCumulativeBucketsOfItsAdvice()
    {
        var histogram = _meter.CreateHistogram("took", "s", "Time.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        foreach (var value in (double[])[0.05, 0.1, 0.5, 7])
            histogram.Record(value);

        var page = MetricPage.Parse(_collector.Write(openMetrics: false));

        Assert.Equal("histogram", page.Types["took_seconds"]);
        Assert.Equal([("0.1", 2), ("1", 3), ("+Inf", 4)], page.Find("took_seconds_bucket").Select(sample => (sample.Labels["le"], sample.Value)));
        Assert.Equal((4, 7.65), (page.Sum("took_seconds_count"), Math.Round(page.Sum("took_seconds_sum"), 10)));
    }

    [Fact]
    public void ObservedGauge_ShowsWhatIsThereNow()
    {
        Measurement<long>[] now = [new(1, new KeyValuePair<string, object?>("of", "a")), new(2, new KeyValuePair<string, object?>("of", "b"))];
        _meter.CreateObservableGauge("seen", () => now);
        Assert.Equal(3, MetricPage.Parse(_collector.Write(openMetrics: false)).Sum("seen"));

        now = [new(5, new KeyValuePair<string, object?>("of", "b"))];

        Assert.Equal(5, Assert.Single(MetricPage.Parse(_collector.Write(openMetrics: false)).Find("seen")).Value);
    }

    [Fact]
    public void OpenMetrics_HasExemplarsUnitsAndAnEnd()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == nameof(MetricCollectorTests),
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        using var source = new ActivitySource(nameof(MetricCollectorTests));
        var histogram = _meter.CreateHistogram<double>("traced", "s", "Time.");
        string trace;
        using (var span = source.StartActivity("work"))
        {
            trace = span!.TraceId.ToHexString();
            histogram.Record(0.2);
        }

        var text = _collector.Write(openMetrics: true);

        Assert.EndsWith("\n# EOF\n", text, StringComparison.Ordinal);
        Assert.Contains("# UNIT traced_seconds seconds\n", text, StringComparison.Ordinal);
        var exemplar = Assert.Single(MetricPage.Parse(text).Samples, sample => sample.TraceId is not null);
        Assert.Equal(("0.25", trace), (exemplar.Labels["le"], exemplar.TraceId));
        Assert.DoesNotContain("trace_id", _collector.Write(openMetrics: false), StringComparison.Ordinal);
    }

    [Fact]
    public void AnotherHostsMeasurements_AreNotShown()
    {
        using var other = new TestMeters();
        other.Create(new MeterOptions(TelemetryNames.Meter)).CreateCounter<long>("foreign").Add(1);
        Assert.DoesNotContain("foreign", _collector.Write(openMetrics: false), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Measurements_OfManyThreads_AreAllCounted()
    {
        var counter = _meter.CreateCounter<long>("raced");
        var histogram = _meter.CreateHistogram<double>("raced.time", "s");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < 5_000; i++)
            {
                counter.Add(1, new KeyValuePair<string, object?>("part", i % 7));
                histogram.Record(i, new KeyValuePair<string, object?>("part", i % 7));
            }
        })));

        var page = MetricPage.Parse(_collector.Write(openMetrics: false));

        Assert.Equal((40_000, 40_000), (page.Sum("raced_total"), page.Sum("raced_time_seconds_count")));
    }
}
