using System.Diagnostics.Metrics;
using OrleansChat.Core.Telemetry;

namespace OrleansChat.Standalone.Journal;

/// <summary>The journal's figures as metrics.</summary>
internal sealed class JournalMetrics : IScrapeSource
{
    public JournalMetrics(Journal journal, IMeterFactory meters)
    {
        var meter = meters.Create(TelemetryNames.Meter);
        meter.CreateObservableGauge("orleanschat.journal.keys", () => (long)journal.Statistics.Keys, "{key}", "Keys that hold a value.");
        meter.CreateObservableGauge("orleanschat.journal.live", () => journal.Statistics.LiveBytes, "By", "Bytes of records that are needed.");
        meter.CreateObservableGauge("orleanschat.journal.garbage", () => journal.Statistics.GarbageBytes, "By", "Bytes that compaction will give back.");
        meter.CreateObservableGauge("orleanschat.journal.segments", () => (long)journal.Statistics.Segments, "{segment}", "Segment files.");
        meter.CreateObservableGauge("orleanschat.journal.queue", () => (long)journal.Statistics.QueueDepth, "{write}", "Writes that wait for the next flush.");
        meter.CreateObservableGauge("orleanschat.journal.flush", () => journal.Statistics.LastFlush.TotalSeconds, "s", "Time of the newest flush to disk.");
        meter.CreateObservableGauge("orleanschat.journal.healthy", () => journal.Refusal is null ? 1L : 0L, null, "Whether the journal takes writes: 1 or 0.");
        meter.CreateObservableCounter("orleanschat.journal.commits", () => journal.Statistics.Commits, "{commit}", "Batches flushed to disk.");
        meter.CreateObservableCounter("orleanschat.journal.writes", () => journal.Statistics.Writes, "{write}", "Writes made durable.");
        meter.CreateObservableCounter("orleanschat.journal.compactions", () => journal.Statistics.Compactions, "{segment}", "Segments that compaction has replaced.");
    }

    /// <inheritdoc/>
    public ValueTask RefreshAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;
}
