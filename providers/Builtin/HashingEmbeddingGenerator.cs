using Microsoft.Extensions.AI;
using OrleansChat.Core.Search.Ranking;

namespace OrleansChat.Providers.Builtin;

/// <summary>
/// Embeddings without a model, a key or a download (<c>builtin/hashing</c>): hashed words and character n-grams. Equal texts give equal
/// vectors in every process and on every platform. Similar means sharing words and parts of words; meaning it does not know.
/// </summary>
public sealed class HashingEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    /// <summary>The model id in settings.</summary>
    public const string ModelId = "builtin/hashing";

    /// <summary>
    /// The weight in rank fusion, against 1 for lexical ranking, at which this embedder helps on every test collection: it knows little
    /// that BM25 does not, and at equal weight it would hide what BM25 knows of rare words.
    /// </summary>
    public static DenseWeight FusionWeight { get; } = new(0.03);

    // Fewer texts are done before another thread has woken up.
    private const int SharedFrom = 8;

    private readonly HashingEmbeddingOptions _options;
    private readonly HashingEmbedder _embedder;
    private readonly EmbeddingGeneratorMetadata _metadata;

    /// <summary>A generator with these options, or the defaults.</summary>
    public HashingEmbeddingGenerator(HashingEmbeddingOptions? options = null)
    {
        _options = options ?? new HashingEmbeddingOptions();
        _embedder = new HashingEmbedder(_options);
        _metadata = new EmbeddingGeneratorMetadata("builtin", defaultModelId: ModelId, defaultModelDimensions: _options.Dimensions);
    }

    /// <summary>The vectors of texts, of unit length; a text without words gives zeros.</summary>
    /// <param name="values">The texts.</param>
    /// <param name="options">Only <see cref="EmbeddingGenerationOptions.Dimensions"/> is used.</param>
    /// <param name="cancellationToken">Checked before each text.</param>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        var dimensions = options?.Dimensions ?? _options.Dimensions;
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        string[] texts = [.. values];
        var embeddings = new Embedding<float>[texts.Length];
        if (texts.Length < SharedFrom)
        {
            for (var i = 0; i < texts.Length && !cancellationToken.IsCancellationRequested; i++)
                Embed(i);
        }
        else
        {
            Parallel.For(0, texts.Length, (i, loop) =>
            {
                if (cancellationToken.IsCancellationRequested)
                    loop.Stop();
                else
                    Embed(i);
            });
        }

        return cancellationToken.IsCancellationRequested
            ? Task.FromCanceled<GeneratedEmbeddings<Embedding<float>>>(cancellationToken)
            : Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(embeddings));

        void Embed(int i) => embeddings[i] = new Embedding<float>(_embedder.Embed(texts[i], dimensions)) { ModelId = ModelId };
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null)
            return null;
        if (serviceType == typeof(EmbeddingGeneratorMetadata))
            return _metadata;
        if (serviceType == typeof(DenseWeight))
            return FusionWeight;
        return serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <summary>Nothing to release.</summary>
    public void Dispose()
    {
    }
}
