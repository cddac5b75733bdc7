using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using OrleansChat.Core.Turns;
using OrleansChat.GatewayApi.Translation;

namespace OrleansChat.GatewayApi.Responses;

/// <summary>Counts what a request of the Responses API tells the model, with the responses that it follows.</summary>
internal static class ResponseTokens
{
    /// <summary>Tokens of an attachment, which its bytes say nothing about; as for chat completions.</summary>
    private const long AttachmentTokens = 1_500;

    private static readonly string[] Told = ["tools", "text"];

    /// <summary>An upper bound.</summary>
    public static long UpperBound(ResponseRequest request, ChatPrompt prompt) => Sum(request, prompt, static text => Encoding.UTF8.GetByteCount(text));

    /// <summary>A close count.</summary>
    public static long Count(ResponseRequest request, ChatPrompt prompt) => Sum(request, prompt, TokenEstimate.Count);

    private static long Sum(ResponseRequest request, ChatPrompt prompt, Func<string, long> count)
    {
        var tokens = prompt.Messages.Sum(message => TokenEstimate.PerMessage + message.Contents.Sum(content => Of(content, count)));
        foreach (var name in Told)
        {
            if (request.Body.TryGetProperty(name, out var told) && told.ValueKind is not JsonValueKind.Null)
                tokens += count(told.GetRawText());
        }

        return tokens;
    }

    private static long Of(AIContent content, Func<string, long> count) => content switch
    {
        TextContent text => count(text.Text),
        FunctionCallContent call => TokenEstimate.PerMessage + count(call.CallId) + count(call.Name) + count(ToolArguments.TextOf(call)),
        FunctionResultContent result => TokenEstimate.PerMessage + count(result.CallId) + count(result.Result as string ?? ""),
        _ => AttachmentTokens,
    };
}
