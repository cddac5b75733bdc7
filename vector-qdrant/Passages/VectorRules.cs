using OrleansChat.Core.Errors;

namespace OrleansChat.VectorQdrant.Passages;

/// <summary>What a vector must be, checked before it is sent.</summary>
internal static class VectorRules
{
    /// <summary>Checks a vector.</summary>
    /// <exception cref="RequestException">It has another dimension or is not finite.</exception>
    public static void Check(ReadOnlySpan<float> vector, int dimension)
    {
        if (vector.Length != dimension)
            throw RequestException.Invalid("vector", $"A vector has {vector.Length} dimensions where the collection has {dimension}.");
        foreach (var entry in vector)
        {
            if (!float.IsFinite(entry))
                throw RequestException.Invalid("vector", "A vector is not finite.");
        }
    }
}
