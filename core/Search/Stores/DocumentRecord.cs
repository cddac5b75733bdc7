using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Code;
using OrleansChat.Core.Search.Passages;

namespace OrleansChat.Core.Search.Stores;

/// <summary>
/// A document as bytes: a format number, the length of a JSON head with everything but the vectors, that head, and the vectors as little-endian
/// single-precision numbers, one after the other. Vectors keep their full precision, so that a restart changes no ranking.
/// </summary>
internal static class DocumentRecord
{
    private const byte Format = 1;
    private const int HeadStart = 1 + sizeof(int);

    public static byte[] Write(DocumentPassages document)
    {
        var first = document.Passages[0].Passage;
        var head = JsonSerializer.SerializeToUtf8Bytes(
            new Head(
                document.Document,
                first.Path,
                first.Kind,
                first.Metadata.ToDictionary(),
                [.. document.Passages.Select(passage => new Part(passage.Passage.Text, passage.Passage.Title, passage.Passage.StartLine, passage.Passage.EndLine, passage.Passage.Code))]),
            JsonSerializerOptions.Web);
        var dimension = document.Passages[0].Vector.Length;
        var record = new byte[HeadStart + head.Length + document.Passages.Count * dimension * sizeof(float)];
        record[0] = Format;
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(1), head.Length);
        head.CopyTo(record, HeadStart);

        var place = HeadStart + head.Length;
        foreach (var passage in document.Passages)
        {
            WriteVector(passage.Vector.Span, record.AsSpan(place));
            place += dimension * sizeof(float);
        }

        return record;
    }

    /// <exception cref="StorageException">The bytes are not such a record.</exception>
    public static DocumentPassages Read(string key, ReadOnlySpan<byte> record, int dimension)
    {
        try
        {
            if (record[0] != Format)
                throw new JsonException($"Format {record[0]} is not known.");
            var length = BinaryPrimitives.ReadInt32LittleEndian(record[1..]);
            var head = JsonSerializer.Deserialize<Head>(record.Slice(HeadStart, length), JsonSerializerOptions.Web)!;
            var vectors = ReadVectors(record[(HeadStart + length)..]);
            if (vectors.Length != head.Parts.Count * dimension)
                throw new JsonException("The vectors do not fit the passages.");
            return new DocumentPassages(
                head.Document, [.. head.Parts.Select((part, i) => new EmbeddedPassage(head.Passage(part, i), vectors.AsMemory(i * dimension, dimension)))]);
        }
        catch (Exception unreadable) when (unreadable is JsonException or ArgumentOutOfRangeException or IndexOutOfRangeException)
        {
            throw new StorageException($"Record '{key}' cannot be read as a document.", unreadable);
        }
    }

    private static void WriteVector(ReadOnlySpan<float> vector, Span<byte> target)
    {
        if (BitConverter.IsLittleEndian)
            MemoryMarshal.AsBytes(vector).CopyTo(target);
        else
            for (var i = 0; i < vector.Length; i++)
                BinaryPrimitives.WriteSingleLittleEndian(target[(i * sizeof(float))..], vector[i]);
    }

    private static float[] ReadVectors(ReadOnlySpan<byte> bytes)
    {
        var vectors = new float[bytes.Length / sizeof(float)];
        if (BitConverter.IsLittleEndian)
            bytes[..(vectors.Length * sizeof(float))].CopyTo(MemoryMarshal.AsBytes(vectors.AsSpan()));
        else
            for (var i = 0; i < vectors.Length; i++)
                vectors[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(i * sizeof(float))..]);
        return vectors;
    }

    private sealed record Head(
        StoredDocument Document, string? Path, string? Kind, Dictionary<string, MetadataValue> Metadata, IReadOnlyList<Part> Parts)
    {
        public IndexedPassage Passage(Part part, int ordinal) => new()
        {
            DocumentId = Document.Id,
            Ordinal = ordinal,
            Text = part.Text,
            Title = part.Title,
            Path = Path,
            Kind = Kind,
            StartLine = part.StartLine,
            EndLine = part.EndLine,
            Code = part.Code,
            Metadata = Metadata,
        };
    }

    private sealed record Part(
        string Text,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Title,
        int? StartLine,
        int? EndLine,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] CodeSymbol? Code = null);
}
