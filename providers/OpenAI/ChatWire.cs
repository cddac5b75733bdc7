using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansChat.Providers.Http;

namespace OrleansChat.Providers.OpenAI;

/// <summary>A chat completion, or one event of a streamed one; unknown fields are ignored.</summary>
internal sealed record CompletionWire
{
    public string? Id { get; init; }

    public string? Model { get; init; }

    /// <summary>Unix seconds; some servers send a fraction.</summary>
    public double? Created { get; init; }

    public IReadOnlyList<ChoiceWire>? Choices { get; init; }

    [JsonConverter(typeof(UsageWireConverter))]
    public UsageWire? Usage { get; init; }

    /// <summary>An object or a bare message.</summary>
    public JsonElement Error { get; init; }
}

internal sealed record ChoiceWire
{
    public int Index { get; init; }

    public MessageWire? Message { get; init; }

    public MessageWire? Delta { get; init; }

    public string? FinishReason { get; init; }
}

internal sealed record MessageWire
{
    public string? Role { get; init; }

    public string? Content { get; init; }

    public string? Refusal { get; init; }

    /// <summary>Reasoning as DeepSeek and vLLM name it.</summary>
    public string? ReasoningContent { get; init; }

    /// <summary>Reasoning as OpenRouter and Ollama name it.</summary>
    public string? Reasoning { get; init; }

    public IReadOnlyList<ToolCallWire>? ToolCalls { get; init; }

    /// <summary>What is not known here, such as sound. The reader sets it after it has made the record.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }
}

internal sealed record ToolCallWire
{
    public int? Index { get; init; }

    public string? Id { get; init; }

    public FunctionWire? Function { get; init; }
}

internal sealed record FunctionWire
{
    public string? Name { get; init; }

    public string? Arguments { get; init; }
}

internal sealed record UsageWire
{
    public long? PromptTokens { get; init; }

    public long? CompletionTokens { get; init; }

    public long? TotalTokens { get; init; }

    [JsonConverter(typeof(PromptDetailsConverter))]
    public PromptDetailsWire? PromptTokensDetails { get; init; }

    [JsonConverter(typeof(CompletionDetailsConverter))]
    public CompletionDetailsWire? CompletionTokensDetails { get; init; }
}

internal sealed record PromptDetailsWire
{
    public long? CachedTokens { get; init; }
}

internal sealed record CompletionDetailsWire
{
    public long? ReasoningTokens { get; init; }
}

internal sealed record EmbeddingListWire
{
    public IReadOnlyList<EmbeddingWire>? Data { get; init; }

    public string? Model { get; init; }

    [JsonConverter(typeof(UsageWireConverter))]
    public UsageWire? Usage { get; init; }
}

internal sealed record EmbeddingWire
{
    public int? Index { get; init; }

    /// <summary>An array of numbers, or base64 of little-endian floats.</summary>
    public JsonElement Embedding { get; init; }
}

internal sealed class UsageWireConverter() : UsageConverter<UsageWire>(static () => OpenAIWire.Default.UsageWire);

internal sealed class PromptDetailsConverter() : UsageConverter<PromptDetailsWire>(static () => OpenAIWire.Default.PromptDetailsWire);

internal sealed class CompletionDetailsConverter() : UsageConverter<CompletionDetailsWire>(static () => OpenAIWire.Default.CompletionDetailsWire);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(TokenCountConverter)])]
[JsonSerializable(typeof(CompletionWire))]
[JsonSerializable(typeof(EmbeddingListWire))]
[JsonSerializable(typeof(UsageWire))]
[JsonSerializable(typeof(PromptDetailsWire))]
[JsonSerializable(typeof(CompletionDetailsWire))]
internal sealed partial class OpenAIWire : JsonSerializerContext;
