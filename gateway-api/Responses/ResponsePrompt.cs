using System.Text.Json;
using Microsoft.Extensions.AI;
using OrleansChat.Core.Errors;
using OrleansChat.GatewayApi.Bodies;
using OrleansChat.GatewayApi.Translation;

namespace OrleansChat.GatewayApi.Responses;

/// <summary>A request of the Responses API in common terms.</summary>
internal static class ResponsePrompt
{
    /// <summary>Reads a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="history">What was said in the responses that it follows.</param>
    /// <param name="outputTokens">The limit of the answer where the request sets none.</param>
    /// <exception cref="RequestException">It holds what cannot be put in common terms.</exception>
    public static ChatPrompt Read(ResponseRequest request, IReadOnlyList<ChatMessage> history, int outputTokens)
    {
        var fields = Fields.Of(request.Body);
        var options = new ChatOptions
        {
            MaxOutputTokens = request.OutputTokens ?? outputTokens,
            Temperature = (float?)fields.Number("temperature", 0, 2),
            TopP = (float?)fields.Number("top_p", 0, 1),
            Tools = ReadTools(fields),
            ToolMode = ReadChoice(fields),
            AllowMultipleToolCalls = fields.Flag("parallel_tool_calls"),
            ResponseFormat = ReadFormat(fields),
        };
        fields.ThrowIfFaulty();
        return new ChatPrompt([.. System(request), .. history, .. ResponseTurns.Read(request.Input, "input")], options);
    }

    private static IEnumerable<ChatMessage> System(ResponseRequest request) =>
        request.Instructions is { Length: > 0 } told ? [new ChatMessage(ChatRole.System, told)] : [];

    private static List<AITool>? ReadTools(Fields fields)
    {
        if (fields.Items("tools", int.MaxValue) is not { Count: > 0 } items)
            return null;
        var tools = new List<AITool>(items.Count);
        foreach (var (i, item) in items.Index())
        {
            var tool = Fields.Of(item, $"tools[{i}].");
            if (tool.Text("type", int.MaxValue) is not "function")
                throw Untranslatable.Refuse($"tools[{i}].type", "Declare a function of your own, or choose another way to give the model that tool.");
            tools.Add(new DeclaredTool(
                tool.RequiredText("name", int.MaxValue), tool.Text("description", int.MaxValue), tool.Find("parameters"), tool.Flag("strict")));
            tool.ThrowIfFaulty();
        }

        return tools;
    }

    private static ChatToolMode? ReadChoice(Fields fields)
    {
        const string Choice = "tool_choice";
        return fields.Find(Choice) switch
        {
            null => null,
            { ValueKind: JsonValueKind.String } word => word.GetString() switch
            {
                "auto" => ChatToolMode.Auto,
                "none" => ChatToolMode.None,
                "required" => ChatToolMode.RequireAny,
                _ => throw Untranslatable.Refuse(Choice),
            },
            { ValueKind: JsonValueKind.Object } when fields.Object(Choice) is { } choice && choice.Text("type", int.MaxValue) is "function"
                && choice.Text("name", int.MaxValue) is { Length: > 0 } name => ChatToolMode.RequireSpecific(name),
            _ => throw Untranslatable.Refuse(Choice),
        };
    }

    private static ChatResponseFormatJson? ReadFormat(Fields fields)
    {
        if (fields.Object("text")?.Object("format") is not { } format)
            return null;
        return format.Text("type", int.MaxValue) switch
        {
            "text" => null,
            "json_object" => ChatResponseFormat.Json,
            "json_schema" when format.Find("schema") is { ValueKind: JsonValueKind.Object } schema =>
                ChatResponseFormat.ForJsonSchema(schema, format.Text("name", int.MaxValue), format.Text("description", int.MaxValue)),
            _ => throw Untranslatable.Refuse("text.format"),
        };
    }
}
