using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using OrleansChat.Core.Health;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Telemetry.GenAi;

/// <summary>
/// Calls of models, by the names and buckets of OpenTelemetry's conventions for generative AI
/// (https://github.com/open-telemetry/semantic-conventions-genai, docs/gen-ai/gen-ai-metrics.md).
/// </summary>
internal sealed class GenAiMetrics
{
    private const int MostLabels = 1_000;

    private readonly ConcurrentDictionary<(string Operation, UpstreamTarget Target), CallLabels> _labels = new();
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _firstChunk;
    private readonly Histogram<long> _tokens;
    private readonly Counter<long> _embeddings;
    private readonly EmbeddingHealth _embeddingHealth;
    private readonly Histogram<double> _embeddingDuration;
    private readonly Providers _providers;

    public GenAiMetrics(IMeterFactory meters, Providers providers, EmbeddingHealth embeddingHealth)
    {
        _embeddingHealth = embeddingHealth;
        _providers = providers;
        var meter = meters.Create(TelemetryNames.Meter);
        _duration = meter.CreateHistogram(
            "gen_ai.client.operation.duration", "s", "Time of a call of a model, from asking its upstream to the end of its answer.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92] });
        _firstChunk = meter.CreateHistogram(
            "gen_ai.client.operation.time_to_first_chunk", "s", "Time from asking an upstream to the first piece of a streamed answer.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] });
        _embeddings = meter.CreateCounter<long>("embedding.requests", "{request}", "Calls of embedding models.");
        _embeddingDuration = meter.CreateHistogram(
            "embedding.duration", "s", "Time of a call of an embedding model.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] });
        _tokens = meter.CreateHistogram(
            "gen_ai.client.token.usage", "{token}", "Tokens of a call of a model.",
            advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864] });
    }

    /// <summary>The labels of a kind of call to a target, made once: settings and collections name few.</summary>
    public CallLabels Labels(string operation, UpstreamTarget target)
    {
        if (_labels.TryGetValue((operation, target), out var known))
            return known;

        var labels = new CallLabels(operation, target, _providers.Of(target.Upstream));
        if (_labels.Count < MostLabels)
            _labels.TryAdd((operation, target), labels);
        return labels;
    }

    /// <summary>The first piece of an answer is there.</summary>
    public void Begin(CallLabels labels, TimeSpan waited) => _firstChunk.Record(waited.TotalSeconds, labels.All);

    /// <summary>A call has ended.</summary>
    public void End(CallLabels labels, TimeSpan took, string? error) =>
        _duration.Record(took.TotalSeconds, error is null ? labels.All : [.. labels.All, new(TelemetryNames.Error, error)]);

    /// <summary>A call of an embedding model has ended.</summary>
    public void EndEmbedding(UpstreamTarget target, TimeSpan took, string? error)
    {
        _embeddingHealth.Note(target.ToString(), error);
        KeyValuePair<string, object?> model = new("model", target.ToString()), outcome = new("outcome", error ?? "ok");
        _embeddings.Add(1, model, outcome);
        _embeddingDuration.Record(took.TotalSeconds, model, outcome);
    }

    /// <summary>A call has used tokens.</summary>
    public void Use(CallLabels labels, TokenUsage usage)
    {
        _tokens.Record(usage.InputTokens, labels.Input);
        if (usage.OutputTokens != 0)
            _tokens.Record(usage.OutputTokens, labels.Output);
    }
}
