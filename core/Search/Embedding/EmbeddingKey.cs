using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace OrleansChat.Core.Search.Embedding;

/// <summary>The SHA-256 of all that decides about a vector: the model, the settings, and the text.</summary>
internal static class EmbeddingKey
{
    /// <summary>The key, in hexadecimal digits.</summary>
    public static string Of(string model, EmbeddingPurpose? purpose, string text)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, model);
        Append(hash, purpose?.ToString() ?? "");
        Append(hash, text);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // With their lengths, so that no part runs into the next.
    private static void Append(IncrementalHash hash, string part)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        var bytes = Encoding.Unicode.GetBytes(part);
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}

/// <summary>A vector as bytes: little-endian single-precision numbers.</summary>
internal static class VectorBytes
{
    /// <summary>The bytes of a vector.</summary>
    public static byte[] Of(ReadOnlySpan<float> vector)
    {
        var bytes = new byte[vector.Length * sizeof(float)];
        if (BitConverter.IsLittleEndian)
            MemoryMarshal.AsBytes(vector).CopyTo(bytes);
        else
            for (var i = 0; i < vector.Length; i++)
                BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), vector[i]);
        return bytes;
    }

    /// <summary>The vector of bytes; null where they are not one.</summary>
    public static float[]? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == 0 || bytes.Length % sizeof(float) != 0)
            return null;
        var vector = new float[bytes.Length / sizeof(float)];
        for (var i = 0; i < vector.Length; i++)
            vector[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(i * sizeof(float))..]);
        return vector;
    }
}
