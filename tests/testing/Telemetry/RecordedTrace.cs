using System.Collections.Concurrent;
using System.Diagnostics;

namespace OrleansChat.Testing.Telemetry;

/// <summary>
/// The ended spans of a trace, whoever in this process makes them. Each has a trace of its own: tests run side by side, and in a trace of one id they would find each other's spans.
/// </summary>
public sealed class RecordedTrace : IDisposable
{
    private readonly ActivityTraceId _id = ActivityTraceId.CreateRandom();
    private readonly ActivitySpanId _caller = ActivitySpanId.CreateRandom();
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ActivityListener _listener;

    /// <summary>Begins to record.</summary>
    /// <param name="isHeard">Whether spans of a source, by its name, are to be made.</param>
    public RecordedTrace(Predicate<string> isHeard)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => isHeard(source.Name),
            Sample = (ref options) => options.Parent.TraceId == _id ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = span =>
            {
                if (span.TraceId == _id)
                    _spans.Enqueue(span);
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>The trace's id, in 32 hexadecimal digits.</summary>
    public string Id => _id.ToHexString();

    /// <summary>What the caller sends, who is in the trace and records it.</summary>
    public string TraceParent => $"00-{Id}-{_caller.ToHexString()}-01";

    /// <summary>The span right under the caller's, once it has ended; servers that are asked within it have spans of their own, which end before it.</summary>
    public Activity? Outermost => _spans.FirstOrDefault(span => span.ParentSpanId == _caller);

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
