using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using ModelContextProtocol.Protocol;
using OrleansChat.Core.Errors;

namespace OrleansChat.GatewayApi.Mcp;

/// <summary>What a tool answers: text for a model to read, and the same as JSON.</summary>
internal static class ToolAnswer
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>An answer.</summary>
    public static CallToolResult Of<T>(string text, T structured) => new()
    {
        Content = [new TextContentBlock { Text = text }],
        StructuredContent = JsonSerializer.SerializeToElement(structured, Json),
    };

    /// <summary>Runs a tool; what the caller can mend is an answer that says how, not a fault of the protocol.</summary>
    public static async Task<CallToolResult> RunAsync(Func<Task<CallToolResult>> tool)
    {
        try
        {
            return await tool();
        }
        catch (OrleansChatException fault)
        {
            return new CallToolResult
            {
                IsError = true,
                Content = [new TextContentBlock { Text = string.Join('\n', [fault.Problem.Detail, .. fault.Problem.Suggestions]) }],
                StructuredContent = JsonSerializer.SerializeToElement(fault.Problem, Json),
            };
        }
    }
}
