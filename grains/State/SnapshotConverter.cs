using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansChat.Grains.State;

/// <summary>Writes and reads a <see cref="Snapshot{T}"/> as the JSON of its value.</summary>
internal sealed class SnapshotConverter<T> : JsonConverter<Snapshot<T>>
    where T : class, new()
{
    /// <inheritdoc/>
    public override Snapshot<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new() { Value = JsonSerializer.Deserialize<T>(ref reader, StateJson.Options) };

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Snapshot<T> value, JsonSerializerOptions options)
    {
        if (value.Json is { } json)
            writer.WriteRawValue(json, skipInputValidation: true);
        else
            JsonSerializer.Serialize(writer, value.Value ?? new T(), StateJson.Options);
    }
}

/// <summary>Makes a <see cref="SnapshotConverter{T}"/> for each value.</summary>
internal sealed class SnapshotConverterFactory : JsonConverterFactory
{
    /// <inheritdoc/>
    public override bool CanConvert(Type typeToConvert) =>
        typeToConvert.IsGenericType && typeToConvert.GetGenericTypeDefinition() == typeof(Snapshot<>);

    /// <inheritdoc/>
    public override JsonConverter? CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter?)Activator.CreateInstance(typeof(SnapshotConverter<>).MakeGenericType(typeToConvert.GetGenericArguments()));
}
