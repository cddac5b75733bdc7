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

    /// <summary>The call has ended with what it used; null where nothing is known of it.</summary>
    public void End(TokenUsage? usage)
    {
        Count(null);
        if (usage is not null)
        {
            _metrics.Use(_labels, usage);
            _span?.SetTag("gen_ai.usage.input_tokens", usage.InputTokens).SetTag("gen_ai.usage.output_tokens", usage.OutputTokens);
        }

        _span?.Dispose();
    }

    /// <summary>The call has failed.</summary>
    public void Fail(Exception fault)
    {
        Count(ErrorType.Of(fault));
        _span.Fail(fault);
        _span?.Dispose();
    }

    private void Count(string? error)
    {
        var took = _time.GetElapsedTime(_began);
        _metrics.End(_labels, took, error);
        if (_operation == ModelOperation.Embeddings)
            _metrics.EndEmbedding(_target, took, error);
    }
}
