using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansChat.Providers.Http;

/// <summary>
/// Reads a count of tokens as upstreams report it, so that one which cannot be costs nobody the answer that it stands beside: a whole number of whatever
/// size is brought into a range that sums stay in; a fraction, text or anything else counts as not reported.
/// </summary>
internal sealed class TokenCountConverter : JsonConverter<long?>
{
    /// <summary>Above all that is booked, and far from where sums leave 64 bits.</summary>
    public const long Most = 1_000_000_000_000_000;

    /// <inheritdoc/>
    public override bool HandleNull => true;

    /// <summary>A count in JSON that is read already.</summary>
    /// <param name="json">The value.</param>
    /// <returns>The count; null where it is none.</returns>
    public static long? Of(JsonElement json) => json.ValueKind is JsonValueKind.Number
        ? json.TryGetInt64(out var count) ? Within(count) : Whole(json.GetDouble())
        : null;

    /// <inheritdoc/>
    public override long? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType is JsonTokenType.Number)
            return reader.TryGetInt64(out var count) ? Within(count) : Whole(reader.GetDouble());

        reader.Skip();
        return null;
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, long? value, JsonSerializerOptions options) =>
        throw new NotSupportedException("Counts of upstreams are only read.");

    private static long Within(long count) => Math.Clamp(count, -Most, Most);

    private static long? Whole(double count) => Math.Abs(count) >= Most ? Within(count > 0 ? Most : -Most) : count == Math.Floor(count) ? (long)count : null;
}
