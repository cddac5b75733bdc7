using Microsoft.Extensions.AI;
using OrleansChat.Core.Routing;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Telemetry.GenAi;

/// <summary>Measures and traces the calls of embedding models that no router makes: those of indexing and searching.</summary>
internal sealed class MeasuredEmbeddings(IUpstreams inner, GenAiMetrics metrics, TimeProvider time) : IUpstreams
{
    /// <inheritdoc/>
    public IChatClient Chat(UpstreamTarget target) => inner.Chat(target);

    /// <inheritdoc/>
    public IEmbeddingGenerator<string, Embedding<float>> Embeddings(UpstreamTarget target) => new Measured(inner.Embeddings(target), target, metrics, time);

    private sealed class Measured(IEmbeddingGenerator<string, Embedding<float>> generator, UpstreamTarget target, GenAiMetrics metrics, TimeProvider time)
        : IEmbeddingGenerator<string, Embedding<float>>
    {
        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
            IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
            RunningCalls.IsRouted ? generator.GenerateAsync(values, options, cancellationToken) : MeasureAsync(values, options, cancellationToken);

        public object? GetService(Type serviceType, object? serviceKey = null) => generator.GetService(serviceType, serviceKey);

        // Shared with others: it is not this wrapper's to end.
        public void Dispose()
        {
        }

        private async Task<GeneratedEmbeddings<Embedding<float>>> MeasureAsync(
            IEnumerable<string> values, EmbeddingGenerationOptions? options, CancellationToken cancellationToken)
        {
            var call = UpstreamCall.Start(metrics, time, ModelOperation.Embeddings, target);
            try
            {
                var embeddings = await generator.GenerateAsync(values, options, cancellationToken);
                call.End(embeddings.Usage?.InputTokenCount is { } tokens ? new TokenUsage(tokens, 0) : null);
                return embeddings;
            }
            catch (Exception fault)
            {
                call.Fail(fault);
                throw;
            }
        }
    }
}
