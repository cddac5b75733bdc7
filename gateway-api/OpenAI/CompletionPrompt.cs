using System.Text.Json;
using Microsoft.Extensions.AI;
using OrleansChat.Core.Errors;
using OrleansChat.GatewayApi.Bodies;
using OrleansChat.GatewayApi.Translation;

namespace OrleansChat.GatewayApi.OpenAI;

/// <summary>
/// A completion's request in common terms, for an upstream of another kind. Hints that change no meaning are passed over; what would
/// be missing from the answer or change it is refused, so that nobody takes an answer for one to a question that was never put.
/// </summary>
internal static class CompletionPrompt
{
    private static readonly string[] Refused = ["functions", "function_call", "logit_bias", "audio", "web_search_options", "prediction"];

    /// <summary>Reads a request whole.</summary>
    /// <param name="request">The request.</param>
    /// <param name="outputTokens">The limit of the answer where the request sets none.</param>
    /// <exception cref="RequestException">It holds what cannot be put in common terms.</exception>
    public static ChatPrompt Read(CompletionRequest request, int outputTokens)
    {
        var fields = Fields.Of(request.Body);
        CheckRefused(fields);
        var options = Sampling(request, outputTokens);
        options.Tools = ReadTools(fields);
        options.ToolMode = ReadChoice(fields);
        options.AllowMultipleToolCalls = fields.Flag("parallel_tool_calls");
        options.ResponseFormat = CompletionFormat.Read(fields.Find("response_format"));
        if (fields.Text("user", int.MaxValue) is { } user)
            options.AdditionalProperties = new AdditionalPropertiesDictionary { ["metadata"] = new Dictionary<string, object?> { ["user_id"] = user } };
        fields.ThrowIfFaulty();
        return new ChatPrompt([.. request.Messages.Select((message, i) => CompletionTurns.Read(message, $"messages[{i}]"))], options);
    }

    /// <summary>Reads the words of a request and passes over all else, for a model that knows nothing else.</summary>
    public static ChatPrompt ReadText(CompletionRequest request, int outputTokens) => new(CompletionMessages.ToChat(request), Sampling(request, outputTokens));

    private static ChatOptions Sampling(CompletionRequest request, int outputTokens) => new()
    {
        MaxOutputTokens = request.OutputTokens ?? outputTokens,
        Temperature = Number(request.Body, "temperature"),
        TopP = Number(request.Body, "top_p"),
        StopSequences = Stops(request.Body),
    };

    private static void CheckRefused(Fields fields)
    {
        foreach (var name in Refused)
        {
            if (fields.Find(name) is { } value && !(value.ValueKind is JsonValueKind.Array && value.GetArrayLength() == 0))
                throw Untranslatable.Refuse(name);
        }

        if (fields.Flag("logprobs") is true)
            throw Untranslatable.Refuse("logprobs");
        if (fields.Items("modalities", int.MaxValue)?.Any(kind => kind.ValueKind is JsonValueKind.String && !kind.ValueEquals("text")) is true)
            throw Untranslatable.Refuse("modalities");
    }

    private static List<AITool>? ReadTools(Fields fields)
    {
        if (fields.Items("tools", int.MaxValue) is not { Count: > 0 } items)
            return null;
        var tools = new List<AITool>(items.Count);
        foreach (var (i, item) in items.Index())
        {
            var tool = Fields.Of(item, $"tools[{i}].");
            if (tool.Text("type", int.MaxValue) is not "function" || tool.Object("function") is not { } function)
                throw Untranslatable.Refuse($"tools[{i}]");
            tools.Add(new DeclaredTool(
                function.RequiredText("name", int.MaxValue), function.Text("description", int.MaxValue), function.Find("parameters"), function.Flag("strict")));
            tool.ThrowIfFaulty();
        }

        return tools;
    }

    private static ChatToolMode? ReadChoice(Fields fields)
    {
        const string Choice = "tool_choice";
        if (fields.Find(Choice) is not { } choice)
            return null;
        if (choice.ValueKind is JsonValueKind.String)
        {
            return choice.GetString() switch
            {
                "auto" => ChatToolMode.Auto,
                "none" => ChatToolMode.None,
                "required" => ChatToolMode.RequireAny,
                _ => throw Untranslatable.Refuse(Choice),
            };
        }

        return choice.ValueKind is JsonValueKind.Object && fields.Object(Choice)!.Object("function")?.Text("name", int.MaxValue) is { Length: > 0 } name
            ? ChatToolMode.RequireSpecific(name)
            : throw Untranslatable.Refuse(Choice);
    }

    private static float? Number(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number ? value.GetSingle() : null;

    private static List<string>? Stops(JsonElement body)
    {
        if (!body.TryGetProperty("stop", out var stop))
            return null;
        return stop.ValueKind switch
        {
            JsonValueKind.String => [stop.GetString()!],
            JsonValueKind.Array => [.. stop.EnumerateArray().Where(text => text.ValueKind is JsonValueKind.String).Select(text => text.GetString()!)],
            _ => null,
        };
    }
}
