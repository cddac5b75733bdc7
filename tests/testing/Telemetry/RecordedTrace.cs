using System.Collections.Concurrent;
using System.Diagnostics;

namespace OrleansChat.Testing.Telemetry;

/// <summary>The ended spans of one trace, whoever in this process makes them.</summary>
public sealed class RecordedTrace : IDisposable
{
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ActivityListener _listener;

    /// <summary>Begins to record.</summary>
    /// <param name="trace">The id of the trace, in hexadecimal digits.</param>
    /// <param name="isHeard">Whether spans of a source, by its name, are to be made.</param>
    public RecordedTrace(string trace, Predicate<string> isHeard)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => isHeard(source.Name),
            Sample = (ref options) => options.Parent.TraceId.ToHexString() == trace ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = span =>
            {
                if (span.TraceId.ToHexString() == trace)
                    _spans.Enqueue(span);
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>The spans that have ended by now, in the order of their ends.</summary>
    public IEnumerable<Activity> Spans => _spans;

    /// <summary>A span and those that it is in, from the inside to the outside, as far as they have ended.</summary>
    /// <param name="span">The innermost.</param>
    /// <returns>The spans.</returns>
    public IEnumerable<Activity> From(Activity span)
    {
        for (var at = span; at is not null; at = _spans.FirstOrDefault(one => one.SpanId == at.ParentSpanId))
            yield return at;
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();
}
