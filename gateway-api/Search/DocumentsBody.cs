using System.Collections.Frozen;
using System.Text.Json;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Search.Ingestion;
using OrleansChat.Core.Search.Passages;
using OrleansChat.GatewayApi.Bodies;

namespace OrleansChat.GatewayApi.Search;

/// <summary>The body that brings documents. A document at fault is rejected by itself; the others are indexed.</summary>
/// <param name="Documents">Documents that could be read.</param>
/// <param name="Rejected">Documents that could not.</param>
internal sealed record DocumentsBody(IReadOnlyList<SourceDocument> Documents, IReadOnlyList<RejectedDocument> Rejected) : IBody<DocumentsBody>
{
    public static DocumentsBody Read(Fields fields, BodyLimits limits)
    {
        const string Name = "documents";
        var items = fields.Items(Name, CollectionIndexer.MaxDocuments) ?? [];
        if (!fields.Has(Name))
            fields.Fault(Name, "is required and must be an array");

        var (documents, rejected) = (new List<SourceDocument>(items.Count), new List<RejectedDocument>());
        for (var i = 0; i < items.Count; i++)
        {
            IReadOnlyList<(string Field, string Rule)> faults = [];
            try
            {
                var item = Fields.Of(items[i], $"{Name}[{i}].");
                faults = item.Faults;
                documents.Add(ReadDocument(item));
            }
            catch (RequestException fault)
            {
                rejected.Add(new RejectedDocument(IdOf(items[i]), fault.Problem)
                {
                    Fields = faults.Count == 0 ? null : [.. faults.Select(one => new FieldFault(one.Field, $"'{one.Field}' {one.Rule}."))],
                });
            }
        }

        return new(documents, rejected);
    }

    private static SourceDocument ReadDocument(Fields fields)
    {
        var document = new SourceDocument
        {
            Id = fields.RequiredText("id", DocumentRules.MaxId),
            Text = fields.RequiredText("text", DocumentRules.MaxText),
            Title = fields.Text("title", DocumentRules.MaxLabel),
            Path = fields.Text("path", DocumentRules.MaxLabel),
            Kind = fields.Text("kind", DocumentRules.MaxLabel),
            Origin = fields.Text("origin", DocumentRules.MaxLabel),
            Code = CodeNode.Read(fields),
            Metadata = ReadMetadata(fields),
        };
        fields.ThrowIfFaulty();
        return document;
    }

    private static IReadOnlyDictionary<string, MetadataValue> ReadMetadata(Fields fields)
    {
        const string Name = "metadata";
        if (fields.Find(Name) is not { } value)
            return FrozenDictionary<string, MetadataValue>.Empty;
        if (value.ValueKind is JsonValueKind.Object)
        {
            try
            {
                return value.Deserialize<Dictionary<string, MetadataValue>>()!;
            }
            catch (Exception fault) when (fault is JsonException or InvalidOperationException or NotSupportedException)
            {
                fields.Fault(Name, "must hold strings, numbers, booleans, nulls and arrays of them");
                return FrozenDictionary<string, MetadataValue>.Empty;
            }
        }

        fields.Fault(Name, $"must be an object, not {JsonKinds.NameOf(value)}");
        return FrozenDictionary<string, MetadataValue>.Empty;
    }

    private static string? IdOf(JsonElement item) =>
        item.ValueKind is JsonValueKind.Object && item.TryGetProperty("id", out var id) ? JsonKinds.TextOf(id, out _) : null;
}
