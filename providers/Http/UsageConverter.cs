using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace OrleansChat.Providers.Http;

/// <summary>Reads an object of counts where an upstream sent one, and nothing where it sent anything else.</summary>
/// <typeparam name="T">The object.</typeparam>
/// <param name="typeInfo">How it is read.</param>
internal abstract class UsageConverter<T>(Func<JsonTypeInfo<T>> typeInfo) : JsonConverter<T?>
    where T : class
{
    /// <inheritdoc/>
    public override T? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType is JsonTokenType.StartObject)
            return JsonSerializer.Deserialize(ref reader, typeInfo());

        reader.Skip();
        return null;
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T? value, JsonSerializerOptions options) =>
        throw new NotSupportedException("Counts of upstreams are only read.");
}
