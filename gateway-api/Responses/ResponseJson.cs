using System.Text.Json;
using Microsoft.Extensions.AI;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Upstreams;
using OrleansChat.GatewayApi.Problems;
using OrleansChat.GatewayApi.Translation;

namespace OrleansChat.GatewayApi.Responses;

/// <summary>Writes a response of the Responses API and its items.</summary>
/// <param name="id">The response's id.</param>
/// <param name="request">The request, which a response repeats.</param>
/// <param name="model">The model's id.</param>
/// <param name="created">When it was made, in Unix seconds.</param>
internal sealed class ResponseJson(ResponseId id, ResponseRequest request, string model, long created)
{
    /// <summary>The answer is being made.</summary>
    public const string InProgress = "in_progress";

    /// <summary>The answer is whole.</summary>
    public const string Completed = "completed";

    /// <summary>The answer was cut off by a limit.</summary>
    public const string Incomplete = "incomplete";

    private const string Failed = "failed";

    private static readonly (string Name, string Default)[] Repeated =
    [
        ("instructions", "null"), ("max_output_tokens", "null"), ("metadata", "{}"), ("parallel_tool_calls", "true"), ("previous_response_id", "null"),
        ("reasoning", """{"effort":null,"summary":null}"""), ("temperature", "1"), ("text", """{"format":{"type":"text"}}"""), ("tool_choice", "\"auto\""),
        ("tools", "[]"), ("top_p", "1"), ("truncation", "\"disabled\""), ("user", "null"),
    ];

    /// <summary>How a response stands after its end.</summary>
    public static string StatusOf(AnswerEnd end) => ReasonOf(end) is null ? Completed : Incomplete;

    /// <summary>Writes the response before its end.</summary>
    public void WriteBegun(Utf8JsonWriter writer) => Write(writer, InProgress, [], null, null);

    /// <summary>Writes the response after its end.</summary>
    public void WriteEnded(Utf8JsonWriter writer, IReadOnlyList<AIContent> contents, AnswerEnd end) => Write(writer, StatusOf(end), contents, end, null);

    /// <summary>Writes the response after a failure.</summary>
    public void WriteFailed(Utf8JsonWriter writer, Problem problem) => Write(writer, Failed, [], null, problem);

    /// <summary>Writes a message; null for one that has nothing yet.</summary>
    public void WriteMessage(Utf8JsonWriter writer, int index, string? text, string status)
    {
        writer.WriteStartObject();
        writer.WriteString("id", MessageId(index));
        writer.WriteString("type", "message");
        writer.WriteString("status", status);
        writer.WriteString("role", "assistant");
        writer.WriteStartArray("content");
        if (text is not null)
            WritePart(writer, text);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Writes a part of a message.</summary>
    public static void WritePart(Utf8JsonWriter writer, string text)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "output_text");
        writer.WriteStartArray("annotations");
        writer.WriteEndArray();
        writer.WriteStartArray("logprobs");
        writer.WriteEndArray();
        writer.WriteString("text", text);
        writer.WriteEndObject();
    }

    /// <summary>Writes a call of a function.</summary>
    public void WriteCall(Utf8JsonWriter writer, int index, FunctionCallContent call, string arguments, string status)
    {
        writer.WriteStartObject();
        writer.WriteString("id", CallId(index));
        writer.WriteString("type", "function_call");
        writer.WriteString("status", status);
        writer.WriteString("arguments", arguments);
        writer.WriteString("call_id", call.CallId);
        writer.WriteString("name", call.Name);
        writer.WriteEndObject();
    }

    /// <summary>The id of a message.</summary>
    public string MessageId(int index) => id.Item("msg", index);

    /// <summary>The id of a call.</summary>
    public string CallId(int index) => id.Item("fc", index);

    private static string? ReasonOf(AnswerEnd end) => end.Reason.Value switch
    {
        "length" => "max_output_tokens",
        "content_filter" => "content_filter",
        _ => null,
    };

    private static void WriteUsage(Utf8JsonWriter writer, TokenUsage usage)
    {
        writer.WriteStartObject("usage");
        writer.WriteNumber("input_tokens", usage.InputTokens);
        writer.WriteStartObject("input_tokens_details");
        writer.WriteNumber("cached_tokens", usage.CachedInputTokens);
        writer.WriteEndObject();
        writer.WriteNumber("output_tokens", usage.OutputTokens);
        writer.WriteStartObject("output_tokens_details");
        writer.WriteNumber("reasoning_tokens", usage.ReasoningTokens);
        writer.WriteEndObject();
        writer.WriteNumber("total_tokens", usage.TotalTokens);
        writer.WriteEndObject();
    }

    private void Write(Utf8JsonWriter writer, string status, IReadOnlyList<AIContent> contents, AnswerEnd? end, Problem? problem)
    {
        writer.WriteStartObject();
        writer.WriteString("id", id.ToString());
        writer.WriteString("object", "response");
        writer.WriteNumber("created_at", created);
        writer.WriteString("status", status);
        writer.WriteBoolean("background", false);
        WriteError(writer, problem);
        writer.WritePropertyName("incomplete_details");
        writer.WriteRawValue(end is not null && ReasonOf(end) is { } reason ? $$"""{"reason":"{{reason}}"}""" : "null");
        writer.WriteString("model", model);
        writer.WriteStartArray("output");
        WriteOutput(writer, contents, status);
        writer.WriteEndArray();
        writer.WriteBoolean("store", request.IsStored);
        foreach (var (name, absent) in Repeated)
        {
            writer.WritePropertyName(name);
            if (request.Body.TryGetProperty(name, out var given) && given.ValueKind is not JsonValueKind.Null)
                given.WriteTo(writer);
            else
                writer.WriteRawValue(absent);
        }

        if (end is null)
            writer.WriteNull("usage");
        else
            WriteUsage(writer, end.Usage);
        writer.WriteEndObject();
    }

    private static void WriteError(Utf8JsonWriter writer, Problem? problem)
    {
        if (problem is null)
        {
            writer.WriteNull("error");
            return;
        }

        writer.WriteStartObject("error");
        writer.WriteString("code", problem.Code == ProblemCode.RateLimited.Name ? "rate_limit_exceeded" : "server_error");
        writer.WriteString("message", VendorError.Message(problem));
        writer.WriteEndObject();
    }

    private void WriteOutput(Utf8JsonWriter writer, IReadOnlyList<AIContent> contents, string status)
    {
        var index = 0;
        foreach (var content in contents)
        {
            if (content is TextContent text)
                WriteMessage(writer, index++, text.Text, status);
            else if (content is FunctionCallContent call)
                WriteCall(writer, index++, call, ToolArguments.TextOf(call), Completed);
        }
    }
}
