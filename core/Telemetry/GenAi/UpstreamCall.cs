using System.Diagnostics;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Telemetry.GenAi;

/// <summary>One call of a model as it is measured and traced.</summary>
internal sealed class UpstreamCall
{
    private readonly string _operation;
    private readonly UpstreamTarget _target;
    private readonly GenAiMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly CallLabels _labels;
    private readonly long _began;
    private readonly Activity? _span;
    private bool _hasEnded;

    private UpstreamCall(GenAiMetrics metrics, TimeProvider time, string operation, UpstreamTarget target)
    {
        (_operation, _target) = (operation, target);
        _metrics = metrics;
        _time = time;
        _labels = metrics.Labels(operation, target);
        _span = Spans.Start(_labels.SpanName, ActivityKind.Client);
        if (_span is not null)
        {
            foreach (var (name, value) in _labels.All)
                _span.SetTag(name, value);
        }

        _began = time.GetTimestamp();
    }

    /// <summary>Begins a call.</summary>
    public static UpstreamCall Start(GenAiMetrics metrics, TimeProvider time, string operation, UpstreamTarget target) =>
        new(metrics, time, operation, target);

    /// <summary>The upstream has begun to stream.</summary>
    public void Begin() => _metrics.Begin(_labels, _time.GetElapsedTime(_began));

    /// <summary>What the call has used is known: null for nothing. It has ended with that, unless it has failed before.</summary>
    /// <param name="usage">The usage.</param>
    /// <param name="target">Who is paid; null for the call's own target, which another may have answered before in part.</param>
    public void End(TokenUsage? usage, UpstreamTarget? target = null)
    {
        if (usage is not null)
            _metrics.Use(target is { } paid && paid != _target ? _metrics.Labels(_operation, paid) : _labels, usage);
        if (_hasEnded)
            return;

        Count(null);
        if (usage is not null)
            _span?.SetTag("gen_ai.usage.input_tokens", usage.InputTokens).SetTag("gen_ai.usage.output_tokens", usage.OutputTokens);
        _span?.Dispose();
    }

    /// <summary>The call has failed. What it has used all the same is told by its end.</summary>
    public void Fail(Exception fault)
    {
        if (_hasEnded)
            return;

        Count(ErrorType.Of(fault));
        _span.Fail(fault);
        _span?.Dispose();
    }

    private void Count(string? error)
    {
        _hasEnded = true;
        var took = _time.GetElapsedTime(_began);
        _metrics.End(_labels, took, error);
        if (_operation == ModelOperation.Embeddings)
            _metrics.EndEmbedding(_target, took, error);
    }
}
