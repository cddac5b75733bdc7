using System.Numerics.Tensors;

namespace OrleansChat.Core.Search.Dense;

/// <summary>Vectors scaled to unit length, so that their dot products are cosines.</summary>
internal static class UnitVector
{
    /// <summary>Writes a vector at unit length; zeros stay zeros.</summary>
    /// <returns>Whether it has a direction.</returns>
    public static bool Write(ReadOnlySpan<float> vector, Span<float> target)
    {
        var norm = TensorPrimitives.Norm(vector);
        if (norm > 0)
            TensorPrimitives.Divide(vector, norm, target);
        else
            target.Clear();
        return norm > 0;
    }
}
