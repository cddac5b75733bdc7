using System.Text.Json;
using Microsoft.Extensions.AI;
using OrleansChat.Core.Errors;
using OrleansChat.GatewayApi.Bodies;
using OrleansChat.GatewayApi.Translation;

namespace OrleansChat.GatewayApi.Anthropic;

/// <summary>
/// A request of Anthropic's in common terms, for an upstream of another kind. Hints that change no meaning, such as <c>cache_control</c>, are
/// passed over; what would be missing from the answer or change it is refused.
/// </summary>
internal static class MessagesPrompt
{
    private static readonly string[] Refused = ["container", "mcp_servers"];

    /// <summary>Reads a request.</summary>
    /// <exception cref="RequestException">It holds what cannot be put in common terms.</exception>
    public static ChatPrompt Read(MessagesRequest request)
    {
        var fields = Fields.Of(request.Body);
        foreach (var name in Refused)
        {
            if (fields.Find(name) is { } value && !(value.ValueKind is JsonValueKind.Array && value.GetArrayLength() == 0))
                throw Untranslatable.Refuse(name);
        }

        var options = Sampling(request, fields);
        options.Tools = MessagesTools.Read(fields);
        (options.ToolMode, options.AllowMultipleToolCalls) = MessagesTools.ReadChoice(fields);
        options.ResponseFormat = ReadFormat(fields);
        if (fields.Object("metadata")?.Text("user_id", int.MaxValue) is { } user)
            options.AdditionalProperties = new AdditionalPropertiesDictionary { ["user"] = user };
        fields.ThrowIfFaulty();
        return new ChatPrompt([.. System(fields), .. request.Messages.Select((message, i) => MessagesTurns.Read(message, $"messages[{i}]"))], options);
    }

    /// <summary>Reads the words of a request and passes over all else, for a model that knows nothing else.</summary>
    public static ChatPrompt ReadText(MessagesRequest request)
    {
        var fields = Fields.Of(request.Body);
        return new ChatPrompt([.. System(fields), .. request.Messages.Select(MessagesTurns.ReadText)], Sampling(request, fields));
    }

    private static ChatOptions Sampling(MessagesRequest request, Fields fields) => new()
    {
        MaxOutputTokens = request.OutputTokens,
        Temperature = (float?)fields.Number("temperature", 0, 1),
        TopP = (float?)fields.Number("top_p", 0, 1),
        TopK = fields.Whole("top_k", 0, int.MaxValue),
        StopSequences = fields.Texts("stop_sequences", int.MaxValue, int.MaxValue)?.ToList(),
    };

    private static IEnumerable<ChatMessage> System(Fields fields)
    {
        if (fields.Find("system") is { } system && MessagesTurns.TextOf(system, "\n\n") is { Length: > 0 } text)
            yield return new ChatMessage(ChatRole.System, text);
    }

    private static ChatResponseFormatJson? ReadFormat(Fields fields)
    {
        if (fields.Object("output_config")?.Object("format") is not { } format)
            return null;
        return format.Text("type", int.MaxValue) is "json_schema" && format.Find("schema") is { ValueKind: JsonValueKind.Object } schema
            ? ChatResponseFormat.ForJsonSchema(schema, "answer")
            : throw Untranslatable.Refuse("output_config.format");
    }
}
