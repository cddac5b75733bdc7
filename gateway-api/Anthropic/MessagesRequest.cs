using System.Text.Json;
using OrleansChat.GatewayApi.Bodies;
using OrleansChat.GatewayApi.Sessions;

namespace OrleansChat.GatewayApi.Anthropic;

/// <summary>
/// The body of <c>POST /v1/messages</c>: what this server acts on is checked, everything else passes through to an upstream of Anthropic's kind.
/// </summary>
/// <remarks>https://docs.anthropic.com/en/api/messages.</remarks>
internal sealed record MessagesRequest
{
    private const int MaxMessages = 100_000;
    private const int MaxTokens = 10_000_000;
    private const int MaxTools = 1_024;
    private const int MaxStops = 8_191;

    /// <summary>The body as it came.</summary>
    public required JsonElement Body { get; init; }

    /// <summary>The model's id.</summary>
    public required string Model { get; init; }

    /// <summary>The conversation.</summary>
    public required IReadOnlyList<JsonElement> Messages { get; init; }

    /// <summary>Whether the answer is to be streamed.</summary>
    public bool IsStream { get; init; }

    /// <summary>Tokens of the answer; 0 where tokens are only to be counted.</summary>
    public int OutputTokens { get; init; }

    /// <summary>Whether the client wants to see what the model thinks.</summary>
    public bool WantsThinking { get; init; }

    /// <summary>Reads and checks the body.</summary>
    /// <param name="body">The body.</param>
    /// <param name="countsOnly">Whether it is one of <c>/v1/messages/count_tokens</c>, which asks for no answer.</param>
    public static MessagesRequest Read(JsonElement body, bool countsOnly)
    {
        var fields = Fields.Of(body);
        var request = new MessagesRequest
        {
            Body = body,
            Model = fields.RequiredText("model", SessionRules.MaxModel),
            Messages = ReadMessages(fields),
            IsStream = !countsOnly && (fields.Flag("stream") ?? false),
            OutputTokens = countsOnly ? 0 : ReadLimit(fields),
            WantsThinking = fields.Object("thinking")?.Text("type", int.MaxValue) is not (null or "disabled"),
        };
        CheckKnown(fields);
        fields.ThrowIfFaulty();
        return request;
    }

    private static int ReadLimit(Fields fields)
    {
        if (!fields.Has("max_tokens"))
            fields.Fault("max_tokens", "is required");
        return fields.Whole("max_tokens", 1, MaxTokens) ?? 0;
    }

    private static IReadOnlyList<JsonElement> ReadMessages(Fields fields)
    {
        var messages = fields.Items("messages", MaxMessages) ?? [];
        if (messages.Count == 0)
            fields.Fault("messages", "is required and must hold at least one message");
        for (var i = 0; i < messages.Count; i++)
            CheckMessage(fields, $"messages[{i}]", messages[i]);
        return messages;
    }

    private static void CheckMessage(Fields fields, string name, JsonElement message)
    {
        if (message.ValueKind is not JsonValueKind.Object)
        {
            fields.Fault(name, $"must be an object, not {JsonKinds.NameOf(message)}");
            return;
        }

        // A system prompt may also stand within the conversation, where a model of Anthropic's takes one.
        var role = message.TryGetProperty("role", out var value) ? JsonKinds.TextOf(value, out _) : null;
        if (role is not ("user" or "assistant" or "system"))
            fields.Fault($"{name}.role", "must be 'user' or 'assistant'");
        if (!message.TryGetProperty("content", out var content) || !IsContent(content))
            fields.Fault($"{name}.content", "must be a string or an array of objects with a 'type'");
    }

    private static bool IsContent(JsonElement content) => content.ValueKind switch
    {
        JsonValueKind.String => true,
        JsonValueKind.Array => content.EnumerateArray().All(block =>
            block.ValueKind is JsonValueKind.Object && block.TryGetProperty("type", out var type) && type.ValueKind is JsonValueKind.String),
        _ => false,
    };

    private static void CheckKnown(Fields fields)
    {
        if (fields.Find("system") is { } system && !IsContent(system))
            fields.Fault("system", "must be a string or an array of objects with a 'type'");
        fields.Number("temperature", 0, 1);
        fields.Number("top_p", 0, 1);
        fields.Whole("top_k", 0, int.MaxValue);
        fields.Texts("stop_sequences", MaxStops, int.MaxValue);
        foreach (var (i, tool) in (fields.Items("tools", MaxTools) ?? []).Index())
        {
            if (tool.ValueKind is not JsonValueKind.Object)
                fields.Fault($"tools[{i}]", $"must be an object, not {JsonKinds.NameOf(tool)}");
        }
    }
}
