using System.Text.Json;
using OrleansChat.Core.Errors;

namespace OrleansChat.GatewayApi.OpenAI;

/// <summary>
/// What a completion may hold whose upstream speaks another protocol than OpenAI's: text. The rest would have to be left out, and a model
/// that never saw a picture, a tool or the form of its answer answers wrongly without anybody noticing.
/// </summary>
internal static class TextOnly
{
    private static readonly string[] Lists = ["tools", "functions"];

    /// <summary>Checks a request.</summary>
    /// <exception cref="RequestException">The request holds more than text.</exception>
    public static void Check(CompletionRequest request, string model)
    {
        foreach (var name in Lists)
        {
            if (request.Body.TryGetProperty(name, out var list) && list.ValueKind is JsonValueKind.Array && list.GetArrayLength() > 0)
                throw Refuse(name, model);
        }

        if (request.Body.TryGetProperty("response_format", out var format) && format.ValueKind is JsonValueKind.Object
            && !(format.TryGetProperty("type", out var type) && type.ValueKind is JsonValueKind.String && type.ValueEquals("text")))
        {
            throw Refuse("response_format", model);
        }

        foreach (var (i, message) in request.Messages.Index())
        {
            if (!IsText(message))
                throw Refuse($"messages[{i}]", model);
        }
    }

    private static bool IsText(JsonElement message)
    {
        var hasCalls = message.TryGetProperty("tool_calls", out var calls) && calls.ValueKind is JsonValueKind.Array && calls.GetArrayLength() > 0;
        if (hasCalls || message.GetProperty("role").ValueEquals("tool") || message.GetProperty("role").ValueEquals("function"))
            return false;
        return !message.TryGetProperty("content", out var content) || content.ValueKind is not JsonValueKind.Array
            || content.EnumerateArray().All(part => part.GetProperty("type").ValueEquals("text"));
    }

    private static RequestException Refuse(string field, string model) => RequestException.Invalid(
        field, $"The upstream of '{model}' does not speak OpenAI's protocol and takes text only on this route.", "Choose another model, or send text alone.");
}
