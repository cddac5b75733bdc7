using System.Globalization;
using OrleansChat.Core.Search.Filters;
using OrleansChat.Core.Search.Passages;
using OrleansChat.VectorQdrant.Passages;
using Qdrant.Client.Grpc;

namespace OrleansChat.VectorQdrant.Fields;

/// <summary>
/// What filters can test of a passage, laid out so that any metadata can be filtered with indexes that are known beforehand: a keyword for
/// each value (<c>facts</c>), and an object for each number and text (<c>fields</c>).
/// </summary>
internal static class PassageFields
{
    /// <summary>Adds the fields to a point's payload.</summary>
    public static void Write(IndexedPassage passage, IDictionary<string, Value> payload)
    {
        var (facts, fields) = (new ListValue(), new ListValue());
        foreach (var (name, value) in Effective(passage))
        {
            MetadataValue[] items = value.Kind == MetadataKind.List ? [.. value.Items] : [value];
            if (items.Length > 0)
                facts.Values.Add(Present(name));
            foreach (var item in items.Where(item => item.Kind != MetadataKind.List))
            {
                facts.Values.Add(Fact(name, item));
                if (Comparable(name, item) is { } comparable)
                    fields.Values.Add(new Value { StructValue = comparable });
            }
        }

        payload[PayloadKeys.Facts] = new Value { ListValue = facts };
        payload[PayloadKeys.Fields] = new Value { ListValue = fields };
    }

    /// <summary>The keyword of a field that has a value, whatever it is.</summary>
    public static string Present(string field) => string.Create(CultureInfo.InvariantCulture, $"{field.Length}:{field}");

    /// <summary>The keyword of a field with this value; equal values of equal kind have equal keywords.</summary>
    public static string Fact(string field, MetadataValue value) => Present(field) + value.Kind switch
    {
        MetadataKind.Text => "=" + value.Text,
        // Adding zero makes minus zero the zero that it equals.
        MetadataKind.Number => "#" + (value.Number + 0.0).ToString("R", CultureInfo.InvariantCulture),
        MetadataKind.Boolean => "?" + value.Text,
        _ => "!",
    };

    /// <summary>The payload name of a text's piece.</summary>
    public static string Piece(int index) => string.Create(CultureInfo.InvariantCulture, $"{PayloadKeys.FieldPiece}{index}");

    private static Struct? Comparable(string name, MetadataValue value)
    {
        var comparable = new Struct { Fields = { [PayloadKeys.FieldName] = name } };
        switch (value.Kind)
        {
            case MetadataKind.Number:
                comparable.Fields[PayloadKeys.FieldNumber] = value.Number;
                return comparable;
            case MetadataKind.Text:
                var pieces = TextPieces.Of(value.Text);
                for (var i = 0; i < pieces.Length; i++)
                    comparable.Fields[Piece(i)] = pieces[i];
                return comparable;
            default:
                return null;
        }
    }

    // Metadata hides a built-in field of the same name.
    private static IEnumerable<KeyValuePair<string, MetadataValue>> Effective(IndexedPassage passage)
    {
        var builtin = PassageField.Names.Select(name => (Name: name, Value: PassageField.Find(passage, name)));
        return builtin.Where(field => field.Value is not null && !passage.Metadata.ContainsKey(field.Name))
            .Select(field => KeyValuePair.Create(field.Name, MetadataValue.Of(field.Value!)))
            .Concat(passage.Metadata);
    }
}
