using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OrleansChat.Core.Search.Dense;

/// <summary>
/// Vectors of one byte a dimension: each entry as a multiple, from -127 to 127, of a scale of the vector's own, its greatest magnitude / 127. Stored
/// codes are 128 higher, since the processors' instruction for such products takes one unsigned side.
/// </summary>
internal static class ByteVector
{
    /// <summary>The number that is stored for zero.</summary>
    public const byte Zero = 128;

    private const int Largest = 127;

    /// <summary>The bytes that a vector takes: its dimension, up to whole registers.</summary>
    public static int Stride(int dimension) => (dimension + Vector256<byte>.Count - 1) / Vector256<byte>.Count * Vector256<byte>.Count;

    /// <summary>Writes a vector as stored codes; what is left of the target becomes zeros.</summary>
    /// <returns>The scale.</returns>
    public static float WriteCodes(ReadOnlySpan<float> vector, Span<byte> target)
    {
        var scale = ScaleOf(vector);
        var inverse = scale > 0 ? 1 / scale : 0;
        for (var i = 0; i < vector.Length; i++)
            target[i] = (byte)(Zero + (int)MathF.Round(vector[i] * inverse));
        target[vector.Length..].Fill(Zero);
        return scale;
    }

    /// <summary>Writes a query as plain numbers; what is left of the target becomes zeros.</summary>
    /// <returns>The scale.</returns>
    public static float WriteQuery(ReadOnlySpan<float> vector, Span<sbyte> target)
    {
        var scale = ScaleOf(vector);
        var inverse = scale > 0 ? 1 / scale : 0;
        for (var i = 0; i < vector.Length; i++)
            target[i] = (sbyte)MathF.Round(vector[i] * inverse);
        target[vector.Length..].Clear();
        return scale;
    }

    /// <summary>The sum of the products of stored codes, still <see cref="Zero"/> too high each, and a query's numbers; both of one <see cref="Stride"/>.</summary>
    public static int Dot(ReadOnlySpan<byte> codes, ReadOnlySpan<sbyte> query) =>
        AvxVnni.IsSupported ? DotByInstruction(codes, query) : DotByWidening(codes, query);

    private static float ScaleOf(ReadOnlySpan<float> vector) => vector.IsEmpty ? 0 : Math.Abs(TensorPrimitives.MaxMagnitude(vector)) / Largest;

    private static int DotByInstruction(ReadOnlySpan<byte> codes, ReadOnlySpan<sbyte> query)
    {
        ref var code = ref MemoryMarshal.GetReference(codes);
        ref var number = ref MemoryMarshal.GetReference(query);
        var (first, second) = (Vector256<int>.Zero, Vector256<int>.Zero);
        nuint i = 0;
        for (; i + 64 <= (nuint)query.Length; i += 64)
        {
            first = AvxVnni.MultiplyWideningAndAdd(first, Vector256.LoadUnsafe(ref code, i), Vector256.LoadUnsafe(ref number, i));
            second = AvxVnni.MultiplyWideningAndAdd(second, Vector256.LoadUnsafe(ref code, i + 32), Vector256.LoadUnsafe(ref number, i + 32));
        }

        if (i < (nuint)query.Length)
            first = AvxVnni.MultiplyWideningAndAdd(first, Vector256.LoadUnsafe(ref code, i), Vector256.LoadUnsafe(ref number, i));
        return Vector256.Sum(first + second);
    }

    internal static int DotByWidening(ReadOnlySpan<byte> codes, ReadOnlySpan<sbyte> query)
    {
        ref var code = ref MemoryMarshal.GetReference(codes);
        ref var number = ref MemoryMarshal.GetReference(query);
        var sum = Vector256<int>.Zero;
        for (nuint i = 0; i < (nuint)query.Length; i += 32)
        {
            var (lowCodes, highCodes) = Vector256.Widen(Vector256.LoadUnsafe(ref code, i));
            var (lowNumbers, highNumbers) = Vector256.Widen(Vector256.LoadUnsafe(ref number, i));

            // 255 * 127 still fits into 16 bits with a sign; the sum of two would not.
            var (a, b) = Vector256.Widen(lowCodes.AsInt16() * lowNumbers);
            var (c, d) = Vector256.Widen(highCodes.AsInt16() * highNumbers);
            sum += a + b + c + d;
        }

        return Vector256.Sum(sum);
    }
}
