using Microsoft.Extensions.AI;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Testing.Search;

/// <summary>An upstream with one embedding model whose vectors count letters; it remembers what it was asked and fails as told.</summary>
public sealed class ScriptedEmbedder : IEmbeddingGenerator<string, Embedding<float>>, IUpstreams
{
    private readonly Lock _gate = new();
    private readonly List<string> _texts = [];
    private readonly List<int> _batches = [];

    /// <summary>The length of the vectors; may change under way.</summary>
    public int Dimension { get; set; } = 26;

    /// <summary>The length of a text's vector, where that depends on the text; null for <see cref="Dimension"/>. Calls may run side by side, so a count of calls tells no text from another.</summary>
    public Func<string, int>? DimensionOf { get; set; }

    /// <summary>The vectors of texts, where they are not to count letters.</summary>
    public Func<string, float[]>? VectorOf { get; set; }

    /// <summary>More models by name, each with the length of its vectors.</summary>
    public IReadOnlyDictionary<string, int> OtherModels { get; set; } = new Dictionary<string, int>();

    /// <summary>Awaited before each call answers, with its texts; may hold or throw.</summary>
    public Func<IReadOnlyList<string>, Task>? BeforeAnswer { get; set; }

    /// <summary>Vectors by which the answer is too short.</summary>
    public int Missing { get; set; }

    /// <summary>The tokens that each call reports; null for none.</summary>
    public long? Tokens { get; set; }

    /// <summary>All texts asked for so far.</summary>
    public IReadOnlyList<string> Texts
    {
        get
        {
            lock (_gate)
                return [.. _texts];
        }
    }

    /// <summary>How many texts each call had.</summary>
    public IReadOnlyList<int> Batches
    {
        get
        {
            lock (_gate)
                return [.. _batches];
        }
    }

    /// <inheritdoc/>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        string[] texts = [.. values];
        lock (_gate)
        {
            _texts.AddRange(texts);
            _batches.Add(texts.Length);
        }

        if (BeforeAnswer is { } before)
            await before(texts);
        cancellationToken.ThrowIfCancellationRequested();
        return new GeneratedEmbeddings<Embedding<float>>(texts.Take(texts.Length - Missing).Select(text => new Embedding<float>(VectorOf?.Invoke(text) ?? Vector(text))))
        {
            Usage = Tokens is { } tokens ? new UsageDetails { InputTokenCount = tokens } : null,
        };
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    /// <inheritdoc/>
    public IChatClient Chat(UpstreamTarget target) => throw new NotSupportedException("The upstream has no chat.");

    /// <inheritdoc/>
    public IEmbeddingGenerator<string, Embedding<float>> Embeddings(UpstreamTarget target) =>
        OtherModels.TryGetValue(target.Model, out var dimension) ? new OtherModel(this, dimension) : this;

    private float[] Vector(string text) => Vector(text, DimensionOf?.Invoke(text) ?? Dimension);

    private static float[] Vector(string text, int dimension)
    {
        var vector = new float[dimension];
        foreach (var letter in text)
            vector[letter % dimension]++;
        return vector;
    }

    private sealed class OtherModel(ScriptedEmbedder embedder, int dimension) : IEmbeddingGenerator<string, Embedding<float>>
    {
        public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
            IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
        {
            string[] texts = [.. values];
            await embedder.GenerateAsync(texts, options, cancellationToken);
            return [.. texts.Select(text => new Embedding<float>(embedder.VectorOf?.Invoke(text) ?? Vector(text, dimension)))];
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
