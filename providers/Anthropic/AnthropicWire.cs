using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansChat.Providers.Http;

namespace OrleansChat.Providers.Anthropic;

/// <summary>An event of a streamed message; which fields it has depends on its type. Unknown fields are ignored.</summary>
internal sealed record AnthropicEventWire
{
    public string? Type { get; init; }

    /// <summary>The content block that the event is about.</summary>
    public int Index { get; init; }

    public AnthropicMessageWire? Message { get; init; }

    public AnthropicBlockWire? ContentBlock { get; init; }

    public AnthropicDeltaWire? Delta { get; init; }

    [JsonConverter(typeof(AnthropicUsageConverter))]
    public AnthropicUsageWire? Usage { get; init; }

    public JsonElement Error { get; init; }
}

internal sealed record AnthropicMessageWire
{
    public string? Type { get; init; }

    public string? Id { get; init; }

    public string? Model { get; init; }

    public IReadOnlyList<AnthropicBlockWire>? Content { get; init; }

    public string? StopReason { get; init; }

    [JsonConverter(typeof(AnthropicUsageConverter))]
    public AnthropicUsageWire? Usage { get; init; }

    public JsonElement Error { get; init; }
}

internal sealed record AnthropicBlockWire
{
    public string? Type { get; init; }

    public string? Text { get; init; }

    public string? Thinking { get; init; }

    /// <summary>Proves to the server that thinking is its own when it is sent back.</summary>
    public string? Signature { get; init; }

    public string? Id { get; init; }

    public string? Name { get; init; }

    public JsonElement Input { get; init; }
}

internal sealed record AnthropicDeltaWire
{
    public string? Type { get; init; }

    public string? Text { get; init; }

    public string? Thinking { get; init; }

    public string? Signature { get; init; }

    public string? PartialJson { get; init; }

    public string? StopReason { get; init; }
}

internal sealed record AnthropicUsageWire
{
    public long? InputTokens { get; init; }

    public long? OutputTokens { get; init; }

    public long? CacheReadInputTokens { get; init; }

    public long? CacheCreationInputTokens { get; init; }
}

internal sealed class AnthropicUsageConverter() : UsageConverter<AnthropicUsageWire>(static () => AnthropicWire.Default.AnthropicUsageWire);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(TokenCountConverter)])]
[JsonSerializable(typeof(AnthropicEventWire))]
[JsonSerializable(typeof(AnthropicMessageWire))]
[JsonSerializable(typeof(AnthropicUsageWire))]
internal sealed partial class AnthropicWire : JsonSerializerContext;
