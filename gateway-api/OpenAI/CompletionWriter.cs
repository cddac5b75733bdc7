using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.AI;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Upstreams;
using OrleansChat.GatewayApi.Json;
using OrleansChat.GatewayApi.Problems;
using OrleansChat.GatewayApi.Translation;

namespace OrleansChat.GatewayApi.OpenAI;

/// <summary>Writes an answer as a completion of OpenAI's. What a model thought is not part of one.</summary>
/// <param name="id">The completion's id.</param>
/// <param name="model">The model's id.</param>
/// <param name="created">When it was made, in Unix seconds.</param>
/// <param name="includesUsage">Whether a stream ends with what it used.</param>
internal sealed class CompletionWriter(string id, string model, long created, bool includesUsage) : IAnswerWriter
{
    private int _calls;

    /// <summary>Writes a failure into a stream.</summary>
    public static void WriteError(IBufferWriter<byte> output, Problem problem) => WriteEvent(output, writer =>
    {
        writer.WritePropertyName("error");
        VendorError.WriteOpenAI(writer, problem);
    });

    /// <inheritdoc/>
    public void Begin(IBufferWriter<byte> output) => WriteChunk(output, null, static writer =>
    {
        writer.WriteString("role", "assistant");
        writer.WriteString("content", "");
    });

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output, AIContent content)
    {
        switch (content)
        {
            case TextContent { Text.Length: > 0 } text:
                WriteChunk(output, null, writer => writer.WriteString("content", text.Text));
                break;
            case FunctionCallContent call:
                var index = _calls++;
                WriteChunk(output, null, writer =>
                {
                    writer.WriteStartArray("tool_calls");
                    WriteCall(writer, call, index);
                    writer.WriteEndArray();
                });
                break;
        }
    }

    /// <inheritdoc/>
    public void End(IBufferWriter<byte> output, AnswerEnd end)
    {
        WriteChunk(output, end.Reason.Value, static _ => { });
        if (includesUsage)
        {
            WriteEvent(output, writer =>
            {
                WriteHead(writer, "chat.completion.chunk");
                writer.WriteStartArray("choices");
                writer.WriteEndArray();
                WriteUsage(writer, end.Usage);
            });
        }

        output.Write("data: [DONE]\n\n"u8);
    }

    /// <inheritdoc/>
    public void WriteWhole(IBufferWriter<byte> output, IReadOnlyList<AIContent> contents, AnswerEnd end)
    {
        using var writer = new Utf8JsonWriter(output, GatewayJson.Writer);
        writer.WriteStartObject();
        WriteHead(writer, "chat.completion");
        writer.WriteStartArray("choices");
        writer.WriteStartObject();
        writer.WriteNumber("index", 0);
        WriteMessage(writer, contents);
        writer.WriteNull("logprobs");
        writer.WriteString("finish_reason", end.Reason.Value);
        writer.WriteEndObject();
        writer.WriteEndArray();
        WriteUsage(writer, end.Usage);
        writer.WriteEndObject();
    }

    private static void WriteMessage(Utf8JsonWriter writer, IReadOnlyList<AIContent> contents)
    {
        var calls = contents.OfType<FunctionCallContent>().ToList();
        var text = string.Concat(contents.OfType<TextContent>().Select(content => content.Text));
        writer.WriteStartObject("message");
        writer.WriteString("role", "assistant");
        if (text.Length == 0 && calls.Count > 0)
            writer.WriteNull("content");
        else
            writer.WriteString("content", text);
        writer.WriteNull("refusal");
        if (calls.Count > 0)
        {
            writer.WriteStartArray("tool_calls");
            foreach (var call in calls)
                WriteCall(writer, call, index: null);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static void WriteCall(Utf8JsonWriter writer, FunctionCallContent call, int? index)
    {
        writer.WriteStartObject();
        if (index is { } place)
            writer.WriteNumber("index", place);
        writer.WriteString("id", call.CallId);
        writer.WriteString("type", "function");
        writer.WriteStartObject("function");
        writer.WriteString("name", call.Name);
        writer.WriteString("arguments", ToolArguments.TextOf(call));
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteUsage(Utf8JsonWriter writer, TokenUsage usage)
    {
        writer.WriteStartObject("usage");
        writer.WriteNumber("prompt_tokens", usage.InputTokens);
        writer.WriteNumber("completion_tokens", usage.OutputTokens);
        writer.WriteNumber("total_tokens", usage.TotalTokens);
        writer.WriteStartObject("prompt_tokens_details");
        writer.WriteNumber("cached_tokens", usage.CachedInputTokens);
        writer.WriteEndObject();
        writer.WriteStartObject("completion_tokens_details");
        writer.WriteNumber("reasoning_tokens", usage.ReasoningTokens);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteEvent(IBufferWriter<byte> output, Action<Utf8JsonWriter> write)
    {
        output.Write("data: "u8);
        using (var writer = new Utf8JsonWriter(output, GatewayJson.Writer))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        output.Write("\n\n"u8);
    }

    private void WriteChunk(IBufferWriter<byte> output, string? finishReason, Action<Utf8JsonWriter> writeDelta) => WriteEvent(output, writer =>
    {
        WriteHead(writer, "chat.completion.chunk");
        writer.WriteStartArray("choices");
        writer.WriteStartObject();
        writer.WriteNumber("index", 0);
        writer.WriteStartObject("delta");
        writeDelta(writer);
        writer.WriteEndObject();
        writer.WriteNull("logprobs");
        writer.WriteString("finish_reason", finishReason);
        writer.WriteEndObject();
        writer.WriteEndArray();
    });

    private void WriteHead(Utf8JsonWriter writer, string kind)
    {
        writer.WriteString("id", id);
        writer.WriteString("object", kind);
        writer.WriteNumber("created", created);
        writer.WriteString("model", model);
    }
}
