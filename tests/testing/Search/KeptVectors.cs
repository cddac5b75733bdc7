using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.AI;

namespace OrleansChat.Testing.Search;

/// <summary>
/// What a real embedding model once said of some texts, kept in a file, since the model itself is not always at hand. The file has no text: a vector is
/// found by a hash of its text. Components are kept as bytes, each vector with its own scale.
/// </summary>
public sealed class KeptVectors : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly IEmbeddingGenerator<string, Embedding<float>>? _model;
    private readonly SortedDictionary<ulong, float[]> _vectors = [];

    private KeptVectors(IEmbeddingGenerator<string, Embedding<float>>? model) => _model = model;

    /// <summary>The length of the vectors; 0 when there are none.</summary>
    public int Dimension => _vectors.Count == 0 ? 0 : _vectors.First().Value.Length;

    /// <summary>Asks a model, and remembers what it says.</summary>
    /// <param name="model">The model.</param>
    /// <returns>The model with a memory.</returns>
    public static KeptVectors Of(IEmbeddingGenerator<string, Embedding<float>> model) => new(model);

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <returns>A model that knows the texts of back then.</returns>
    public static KeptVectors Load(string path)
    {
        var kept = new KeptVectors(null);
        ReadOnlySpan<byte> rest = File.ReadAllBytes(path);
        var dimension = BinaryPrimitives.ReadInt32LittleEndian(rest);
        for (rest = rest[4..]; rest.Length > 0; rest = rest[(12 + dimension)..])
        {
            var scale = BinaryPrimitives.ReadSingleLittleEndian(rest[8..]);
            var vector = new float[dimension];
            for (var i = 0; i < dimension; i++)
                vector[i] = scale * (sbyte)rest[12 + i];
            kept._vectors[BinaryPrimitives.ReadUInt64LittleEndian(rest)] = vector;
        }

        return kept;
    }

    /// <summary>Writes what is remembered: the dimension, then for each text the first eight bytes of its SHA-256, the scale and the components.</summary>
    /// <param name="path">The file.</param>
    public void Save(string path)
    {
        using var file = File.Create(path);
        Span<byte> head = stackalloc byte[12];
        BinaryPrimitives.WriteInt32LittleEndian(head, Dimension);
        file.Write(head[..4]);
        foreach (var (key, vector) in _vectors)
        {
            var scale = TensorPrimitives.MaxMagnitude<float>(vector) is var largest && Math.Abs(largest) > 0 ? Math.Abs(largest) / sbyte.MaxValue : 1;
            BinaryPrimitives.WriteUInt64LittleEndian(head, key);
            BinaryPrimitives.WriteSingleLittleEndian(head[8..], scale);
            file.Write(head);
            foreach (var component in vector)
                file.WriteByte((byte)(sbyte)MathF.Round(component / scale));
        }
    }

    /// <inheritdoc/>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        string[] texts = [.. values];
        if (_model is not null)
        {
            foreach (var (text, vector) in texts.Zip(await _model.GenerateAsync(texts, options, cancellationToken)))
                _vectors[Key(text)] = vector.Vector.ToArray();
        }

        return [.. texts.Select(text => new Embedding<float>(Find(text)))];
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) => _model?.GetService(serviceType, serviceKey);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private float[] Find(string text) => _vectors.TryGetValue(Key(text), out var vector)
        ? vector
        : throw new KeyNotFoundException($"No vector is kept of '{text[..Math.Min(60, text.Length)]}'; make the file anew as bench/README.md says.");

    private static ulong Key(string text) => BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
