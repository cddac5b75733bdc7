using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace OrleansChat.GatewayApi.Translation;

/// <summary>Arguments of tool calls: one vendor writes them as text that holds JSON, the other as JSON.</summary>
internal static class ToolArguments
{
    /// <summary>The name under which Anthropic's documentation shows a model JSON that is none.</summary>
    private const string Broken = "INVALID_JSON";

    private static readonly JsonSerializerOptions Compact =
        new(AIJsonUtilities.DefaultOptions) { WriteIndented = false, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A call whose arguments are text. What is not a JSON object is kept as it is and shown to the model, which made it.</summary>
    public static FunctionCallContent Call(string id, string name, string arguments)
    {
        var text = string.IsNullOrWhiteSpace(arguments) ? "{}" : arguments;
        return new FunctionCallContent(id, name, Parse(text)) { RawRepresentation = text };
    }

    /// <summary>A call whose arguments are JSON.</summary>
    public static FunctionCallContent Call(string id, string name, JsonElement arguments) => Call(id, name, arguments.GetRawText());

    /// <summary>The arguments as text, as the model wrote them.</summary>
    public static string TextOf(FunctionCallContent call) =>
        call.RawRepresentation as string ?? JsonSerializer.Serialize(call.Arguments, Compact.GetTypeInfo(typeof(IDictionary<string, object?>)));

    /// <summary>The arguments as the text of a JSON object, whatever the model wrote.</summary>
    public static string ObjectOf(FunctionCallContent call)
    {
        var text = TextOf(call);
        return call.Arguments is null && Parse(text) is null ? $$"""{"{{Broken}}":{{JsonSerializer.Serialize(text)}}}""" : text;
    }

    private static Dictionary<string, object?>? Parse(string text)
    {
        try
        {
            var root = JsonElement.Parse(text);
            return root.ValueKind is JsonValueKind.Object
                ? root.EnumerateObject().DistinctBy(field => field.Name).ToDictionary(field => field.Name, object? (field) => field.Value)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
