using System.Text.Json;
using OrleansChat.Core.Errors;
using OrleansChat.GatewayApi.Bodies;
using OrleansChat.GatewayApi.Sessions;
using OrleansChat.GatewayApi.Translation;

namespace OrleansChat.GatewayApi.Responses;

/// <summary>The body of <c>POST /v1/responses</c>. Every upstream is asked in another protocol, so what cannot be said there is refused.</summary>
/// <remarks>https://platform.openai.com/docs/api-reference/responses/create.</remarks>
internal sealed record ResponseRequest
{
    private const int MaxItems = 100_000;
    private const int MaxTokens = 10_000_000;
    private const int MaxTools = 1_024;
    private static readonly string[] Refused = ["conversation", "prompt", "context_management"];

    /// <summary>The body as it came.</summary>
    public required JsonElement Body { get; init; }

    /// <summary>The model's id.</summary>
    public required string Model { get; init; }

    /// <summary>What is asked: items, of which a bare text is one.</summary>
    public required IReadOnlyList<JsonElement> Input { get; init; }

    /// <summary>What the model is told first, for this response alone; null for nothing.</summary>
    public string? Instructions { get; init; }

    /// <summary>The response that this one follows; null for none.</summary>
    public string? PreviousId { get; init; }

    /// <summary>Whether the response is kept, to be read and followed.</summary>
    public bool IsStored { get; init; }

    /// <summary>Whether the answer is to be streamed.</summary>
    public bool IsStream { get; init; }

    /// <summary>Tokens of the answer; null when the caller set no limit.</summary>
    public int? OutputTokens { get; init; }

    /// <summary>Reads and checks the body.</summary>
    public static ResponseRequest Read(JsonElement body)
    {
        var fields = Fields.Of(body);
        CheckRefused(fields);
        var request = new ResponseRequest
        {
            Body = body,
            Model = fields.RequiredText("model", SessionRules.MaxModel),
            Input = ReadInput(fields),
            Instructions = fields.Text("instructions", int.MaxValue),
            PreviousId = fields.Text("previous_response_id", int.MaxValue),
            IsStored = fields.Flag("store") ?? true,
            IsStream = fields.Flag("stream") ?? false,
            OutputTokens = fields.Whole("max_output_tokens", 1, MaxTokens),
        };
        fields.Number("temperature", 0, 2);
        fields.Number("top_p", 0, 1);
        fields.Flag("parallel_tool_calls");
        fields.Object("metadata");
        foreach (var (i, tool) in (fields.Items("tools", MaxTools) ?? []).Index())
        {
            if (tool.ValueKind is not JsonValueKind.Object)
                fields.Fault($"tools[{i}]", $"must be an object, not {JsonKinds.NameOf(tool)}");
        }

        fields.ThrowIfFaulty();
        return request;
    }

    private static void CheckRefused(Fields fields)
    {
        foreach (var name in Refused)
        {
            if (fields.Has(name))
                throw Untranslatable.Refuse(name);
        }

        if (fields.Flag("background") is true)
            throw RequestException.Invalid("background", "This server answers at once and not in the background.", "Leave 'background' out; a stream can be as long as the answer.");
        if (fields.Whole("top_logprobs", 0, int.MaxValue) is > 0)
            throw Untranslatable.Refuse("top_logprobs");
    }

    private static IReadOnlyList<JsonElement> ReadInput(Fields fields)
    {
        const string Input = "input";
        if (fields.Find(Input) is { ValueKind: JsonValueKind.String } text)
            return [JsonSerializer.SerializeToElement(new Dictionary<string, JsonElement> { ["role"] = JsonElement.Parse("\"user\""), ["content"] = text })];

        var items = fields.Items(Input, MaxItems) ?? [];
        if (items.Count == 0)
            fields.Fault(Input, "is required and must be a string or an array of items");
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i].ValueKind is not JsonValueKind.Object)
                fields.Fault($"{Input}[{i}]", $"must be an object, not {JsonKinds.NameOf(items[i])}");
        }

        return items;
    }
}
