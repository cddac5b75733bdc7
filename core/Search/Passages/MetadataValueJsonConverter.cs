using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansChat.Core.Search.Passages;

/// <summary>Metadata as plain JSON: a scalar or an array of scalars.</summary>
internal sealed class MetadataValueJsonConverter : JsonConverter<MetadataValue>
{
    public override bool HandleNull => true;

    public override MetadataValue Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.StartArray ? ReadList(ref reader) : ReadScalar(ref reader);

    public override void Write(Utf8JsonWriter writer, MetadataValue value, JsonSerializerOptions options)
    {
        switch (value.Kind)
        {
            case MetadataKind.Text:
                writer.WriteStringValue(value.Text);
                break;
            case MetadataKind.Number:
                writer.WriteRawValue(value.Text);
                break;
            case MetadataKind.Boolean:
                writer.WriteBooleanValue(value.Text == "true");
                break;
            case MetadataKind.List:
                writer.WriteStartArray();
                foreach (var item in value.Items)
                    Write(writer, item, options);
                writer.WriteEndArray();
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }

    private static MetadataValue ReadList(ref Utf8JsonReader reader)
    {
        var items = ImmutableArray.CreateBuilder<MetadataValue>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            items.Add(ReadScalar(ref reader));
        return MetadataValue.Of(items.ToImmutable());
    }

    private static MetadataValue ReadScalar(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => MetadataValue.Of(reader.GetString()!),
        JsonTokenType.Number => ReadNumber(ref reader),
        JsonTokenType.True => MetadataValue.Of(true),
        JsonTokenType.False => MetadataValue.Of(false),
        JsonTokenType.Null => default,
        _ => throw new JsonException("A metadata value is a string, a number, a Boolean, null, or a list of these."),
    };

    private static MetadataValue ReadNumber(ref Utf8JsonReader reader)
    {
        var number = reader.GetDouble();
        if (!double.IsFinite(number))
            throw new JsonException("A metadata number is out of range.");
        var written = reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan;
        return MetadataValue.OfNumber(Encoding.ASCII.GetString(written), number);
    }
}
