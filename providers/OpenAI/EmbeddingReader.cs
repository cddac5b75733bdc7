using System.Buffers.Binary;
using System.Text.Json;
using OrleansChat.Providers.Http;

namespace OrleansChat.Providers.OpenAI;

/// <summary>Reads an answer of <c>/embeddings</c>, whose items may come in any order.</summary>
internal sealed class EmbeddingReader(UpstreamFaults faults)
{
    /// <summary>The vectors in the order of the inputs.</summary>
    /// <exception cref="Core.Errors.UpstreamException">A vector is missing, double, not a vector, or of another length than the others.</exception>
    public ReadOnlyMemory<float>[] Read(EmbeddingListWire wire, int expected, int? dimensions)
    {
        if (wire.Data is not { } items || items.Count != expected)
            throw faults.Protocol($"it answered {wire.Data?.Count ?? 0} vectors for {expected} texts.");

        var vectors = new float[]?[expected];
        for (var position = 0; position < expected; position++)
        {
            var index = items[position].Index ?? position;
            if (index < 0 || index >= expected || vectors[index] is not null)
                throw faults.Protocol($"its vectors are numbered wrongly: {index} of {expected}.");
            vectors[index] = Vector(items[position].Embedding);
        }

        var length = dimensions ?? vectors[0]!.Length;
        if (Array.Find(vectors, vector => vector!.Length != length) is { } odd)
            throw faults.Protocol($"it answered a vector of {odd.Length} dimensions instead of {length}.");
        return [.. vectors.Select(vector => new ReadOnlyMemory<float>(vector))];
    }

    private float[] Vector(JsonElement element)
    {
        try
        {
            return element.ValueKind switch
            {
                JsonValueKind.Array => Finite([.. element.EnumerateArray().Select(number => number.GetSingle())]),
                JsonValueKind.String => Finite(Decode(element.GetBytesFromBase64())),
                _ => throw faults.Protocol("a vector is neither numbers nor base64."),
            };
        }
        catch (Exception malformed) when (malformed is FormatException or InvalidOperationException)
        {
            throw faults.Protocol("a vector is neither numbers nor base64.", malformed);
        }
    }

    private float[] Finite(float[] vector)
        => vector.Length > 0 && Array.TrueForAll(vector, float.IsFinite)
            ? vector
            : throw faults.Protocol("a vector is empty or holds a number that is not finite.");

    private static float[] Decode(byte[] bytes)
    {
        if (bytes.Length % sizeof(float) != 0)
            throw new FormatException("The bytes are not whole floats.");
        var vector = new float[bytes.Length / sizeof(float)];
        for (var i = 0; i < vector.Length; i++)
            vector[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(i * sizeof(float)));
        return vector;
    }
}
