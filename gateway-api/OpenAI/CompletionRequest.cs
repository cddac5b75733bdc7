using System.Text.Json;
using OrleansChat.GatewayApi.Bodies;
using OrleansChat.GatewayApi.Sessions;
using OrleansChat.Providers.OpenAI;

namespace OrleansChat.GatewayApi.OpenAI;

/// <summary>
/// The body of <c>POST /v1/chat/completions</c>: what this server acts on is checked, everything else passes through to the upstream.
/// </summary>
internal sealed record CompletionRequest
{
    private const int MaxMessages = 100_000;
    private const int MaxTokens = 10_000_000;
    private const int MaxChoices = 128;
    private const int MaxTools = 1_024;

    /// <summary>The body as it came.</summary>
    public required JsonElement Body { get; init; }

    /// <summary>The model's id.</summary>
    public required string Model { get; init; }

    /// <summary>The conversation.</summary>
    public required IReadOnlyList<JsonElement> Messages { get; init; }

    /// <summary>Whether the answer is to be streamed.</summary>
    public bool IsStream { get; init; }

    /// <summary>Whether the stream is to end with its usage.</summary>
    public bool IncludesUsage { get; init; }

    /// <summary>Tokens of each answer; null when the caller set no limit.</summary>
    public int? OutputTokens { get; init; }

    /// <summary>Answers to be given.</summary>
    public int Choices { get; init; } = 1;

    /// <summary>Reads and checks the body.</summary>
    public static CompletionRequest Read(JsonElement body)
    {
        var fields = Fields.Of(body);
        var request = new CompletionRequest
        {
            Body = body,
            Model = fields.RequiredText("model", SessionRules.MaxModel),
            Messages = ReadMessages(fields),
            IsStream = fields.Flag("stream") ?? false,
            IncludesUsage = OpenAIRequestBody.AsksForUsage(body),
            OutputTokens = fields.Whole("max_completion_tokens", 1, MaxTokens) ?? fields.Whole("max_tokens", 1, MaxTokens),
            Choices = fields.Whole("n", 1, MaxChoices) ?? 1,
        };
        CheckKnown(fields);
        fields.ThrowIfFaulty();
        return request;
    }

    private static IReadOnlyList<JsonElement> ReadMessages(Fields fields)
    {
        var messages = fields.Items("messages", MaxMessages) ?? [];
        if (messages.Count == 0)
            fields.Fault("messages", "is required and must hold at least one message");
        for (var i = 0; i < messages.Count; i++)
            CompletionMessages.Check(fields, i, messages[i]);
        return messages;
    }

    // Values that every OpenAI-compatible server takes; their limits are OpenAI's.
    private static void CheckKnown(Fields fields)
    {
        fields.Number("temperature", 0, 2);
        fields.Number("top_p", 0, 1);
        fields.Number("presence_penalty", -2, 2);
        fields.Number("frequency_penalty", -2, 2);
        fields.Object("stream_options")?.Flag("include_usage");
        foreach (var (i, tool) in (fields.Items("tools", MaxTools) ?? []).Index())
        {
            if (tool.ValueKind is not JsonValueKind.Object)
                fields.Fault($"tools[{i}]", $"must be an object, not {JsonKinds.NameOf(tool)}");
        }
    }
}
