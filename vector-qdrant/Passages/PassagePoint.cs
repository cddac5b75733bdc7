using System.Text.Json;
using Google.Protobuf.Collections;
using OrleansChat.Core.Search.Code;
using OrleansChat.Core.Search.Passages;
using OrleansChat.VectorQdrant.Fields;
using OrleansChat.VectorQdrant.Lexical;
using Qdrant.Client.Grpc;

namespace OrleansChat.VectorQdrant.Passages;

/// <summary>A passage as a point, there and back.</summary>
internal static class PassagePoint
{
    /// <summary>The parts of the payload that make a passage again.</summary>
    public static WithPayloadSelector Parts { get; } = new()
    {
        Include = new PayloadIncludeSelector
        {
            Fields =
            {
                PayloadKeys.Document, PayloadKeys.Revision, PayloadKeys.Ordinal, PayloadKeys.Text, PayloadKeys.Title, PayloadKeys.Path,
                PayloadKeys.Kind, PayloadKeys.StartLine, PayloadKeys.EndLine, PayloadKeys.Metadata, PayloadKeys.Code,
            },
        },
    };

    /// <summary>The point of a passage in one revision of its document.</summary>
    public static PointStruct Write(EmbeddedPassage embedded, long revision)
    {
        var passage = embedded.Passage;
        var dense = new DenseVector { Data = { embedded.Vector.ToArray() } };
        var vectors = new NamedVectors { Vectors = { [PayloadKeys.Dense] = new Vector { Dense = dense } } };
        if (SparseTerms.OfPassage(passage) is { Indices.Count: > 0 } words)
            vectors.Vectors[PayloadKeys.Words] = new Vector { Sparse = words };
        var point = new PointStruct
        {
            Id = PointIds.Passage(passage.DocumentId, revision, passage.Ordinal),
            Vectors = new Vectors { Vectors_ = vectors },
            Payload =
            {
                [PayloadKeys.Type] = PayloadKeys.Passage,
                [PayloadKeys.Document] = passage.DocumentId,
                [PayloadKeys.Revision] = revision,
                [PayloadKeys.Ordinal] = passage.Ordinal,
                [PayloadKeys.Text] = passage.Text,
            },
        };
        Add(point, PayloadKeys.Title, passage.Title);
        Add(point, PayloadKeys.Path, passage.Path);
        Add(point, PayloadKeys.Kind, passage.Kind);
        if (passage.StartLine is { } start)
            point.Payload[PayloadKeys.StartLine] = start;
        if (passage.EndLine is { } end)
            point.Payload[PayloadKeys.EndLine] = end;
        if (passage.Code is { } code)
            point.Payload[PayloadKeys.Code] = JsonSerializer.Serialize(code);
        if (passage.Metadata.Count > 0)
            point.Payload[PayloadKeys.Metadata] = JsonSerializer.Serialize(passage.Metadata);
        PassageFields.Write(passage, point.Payload);
        return point;
    }

    /// <summary>The passage of a point that was found, and its revision.</summary>
    public static (IndexedPassage Passage, long Revision) Read(ScoredPoint point) => Read(point.Payload);

    /// <summary>The passage of a point that was read with its vector.</summary>
    public static EmbeddedPassage ReadEmbedded(RetrievedPoint point)
    {
        var vector = point.Vectors?.Vectors?.Vectors.GetValueOrDefault(PayloadKeys.Dense);

#pragma warning disable CS0612 // Servers up to 1.15 fill the old field alone.
        IEnumerable<float> numbers = vector?.Dense is { } dense ? dense.Data : vector?.Data ?? [];
#pragma warning restore CS0612
        return new EmbeddedPassage(Read(point.Payload).Passage, numbers.ToArray());
    }

    /// <summary>The passage in a payload, and its revision.</summary>
    public static (IndexedPassage Passage, long Revision) Read(MapField<string, Value> payload)
    {
        var passage = new IndexedPassage
        {
            DocumentId = payload[PayloadKeys.Document].StringValue,
            Ordinal = (int)payload[PayloadKeys.Ordinal].IntegerValue,
            Text = payload[PayloadKeys.Text].StringValue,
            Title = Text(PayloadKeys.Title),
            Path = Text(PayloadKeys.Path),
            Kind = Text(PayloadKeys.Kind),
            StartLine = Line(PayloadKeys.StartLine),
            EndLine = Line(PayloadKeys.EndLine),
        };
        if (Text(PayloadKeys.Metadata) is { } metadata)
            passage = passage with { Metadata = JsonSerializer.Deserialize<Dictionary<string, MetadataValue>>(metadata)! };
        if (Text(PayloadKeys.Code) is { } code)
            passage = passage with { Code = JsonSerializer.Deserialize<CodeSymbol>(code) };
        return (passage, payload[PayloadKeys.Revision].IntegerValue);

        string? Text(string key) => payload.TryGetValue(key, out var value) ? value.StringValue : null;

        int? Line(string key) => payload.TryGetValue(key, out var value) ? (int)value.IntegerValue : null;
    }

    private static void Add(PointStruct point, string key, string? text)
    {
        if (text is not null)
            point.Payload[key] = text;
    }
}
