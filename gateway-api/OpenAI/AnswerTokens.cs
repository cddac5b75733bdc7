using System.Text.Json;
using OrleansChat.Core.Turns;

namespace OrleansChat.GatewayApi.OpenAI;

/// <summary>
/// Counts what a model has written into a whole answer of OpenAI's or Anthropic's form, where its upstream reports no usage: text, reasoning and
/// tool calls, as the same answer is counted in a stream. The names and marks around them are the protocol's.
/// </summary>
internal static class AnswerTokens
{
    /// <summary>Counts an array of choices, or of content blocks.</summary>
    /// <param name="answers">The array; anything else has no tokens.</param>
    /// <returns>Tokens, at least 0.</returns>
    public static long Count(JsonElement answers) => answers.ValueKind switch
    {
        JsonValueKind.Array => answers.EnumerateArray().Sum(Count),
        JsonValueKind.Object => answers.EnumerateObject().Sum(Count),
        _ => 0,
    };

    private static long Count(JsonProperty property) => property.Name switch
    {
        "content" when property.Value.ValueKind is JsonValueKind.String => TokenEstimate.Count(property.Value.GetString()!),
        "content" or "message" or "tool_calls" or "function" => Count(property.Value),
        "text" or "thinking" or "refusal" or "reasoning_content" or "reasoning" or "name" or "arguments"
            when property.Value.ValueKind is JsonValueKind.String => TokenEstimate.Count(property.Value.GetString()!),
        "input" => TokenEstimate.Count(property.Value.GetRawText()),
        _ => 0,
    };
}
