using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OrleansChat.Core.Search.Chunking;

namespace OrleansChat.Core.Search.Ingestion;

/// <summary>The SHA-256 of all that decides about a document's passages.</summary>
internal static class ContentHash
{
    // Counts up when the same document would be cut or embedded otherwise.
    private const string Method = "3";

    /// <summary>Equal for equal content cut alike, under any model: a version has only one. The same whatever the order of the metadata; in hexadecimal.</summary>
    public static string Of(SourceDocument document, CollectionSettings settings, ChunkingOptions chunking)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, Method);
        Append(hash, settings.Chunker);
        Append(hash, string.Create(CultureInfo.InvariantCulture, $"{chunking.TargetTokens}/{chunking.MaxTokens}/{chunking.OverlapTokens}"));
        Append(hash, document.Id);
        Append(hash, document.Title);
        Append(hash, document.Path);
        Append(hash, document.Kind);
        Append(hash, document.Text);
        if (document.Origin is { } origin)
            Append(hash, $"origin {origin}");
        if (document.Code is { } code)
            Append(hash, System.Text.Json.JsonSerializer.Serialize(code));
        foreach (var (key, value) in document.Metadata.OrderBy(field => field.Key, StringComparer.Ordinal))
        {
            Append(hash, key);
            Append(hash, System.Text.Json.JsonSerializer.Serialize(value));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // Each part with its length, so that parts cannot run together; null is not the same as empty.
    private static void Append(IncrementalHash hash, string? part)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(length, part?.Length ?? -1);
        hash.AppendData(length);
        hash.AppendData(Encoding.Unicode.GetBytes(part ?? ""));
    }
}
