using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Upstreams;
using OrleansChat.GatewayApi.Json;
using OrleansChat.GatewayApi.Problems;
using OrleansChat.GatewayApi.Translation;
using OrleansChat.Providers.Anthropic;

namespace OrleansChat.GatewayApi.Anthropic;

/// <summary>Writes an answer as a message of Anthropic's: whole, or as the events of a stream.</summary>
/// <remarks>https://docs.anthropic.com/en/docs/build-with-claude/streaming.</remarks>
/// <param name="id">The message's id.</param>
/// <param name="model">The model's id.</param>
/// <param name="showsThinking">Whether the client asked to see what the model thinks.</param>
/// <param name="inputTokens">The input as it is counted here: a stream tells it before the upstream does.</param>
internal sealed class MessagesWriter(string id, string model, bool showsThinking, long inputTokens) : IAnswerWriter
{
    private const string TextBlock = "text";
    private const string ThinkingBlock = "thinking";
    private const string ToolBlock = "tool_use";

    private int _index = -1;
    private string? _open;

    /// <summary>Writes a failure into a stream.</summary>
    /// <param name="correlationId">Names the request.</param>
    public static Action<IBufferWriter<byte>, Problem> ErrorWriter(string correlationId) => (output, problem) =>
    {
        output.Write("event: error\ndata: "u8);
        using (var writer = new Utf8JsonWriter(output, GatewayJson.Writer))
            VendorError.Write(writer, VendorShape.Anthropic, problem, correlationId);
        output.Write("\n\n"u8);
    };

    /// <inheritdoc/>
    public void Begin(IBufferWriter<byte> output)
    {
        WriteEvent(output, "message_start", writer =>
        {
            writer.WriteStartObject("message");
            WriteHead(writer);
            writer.WriteStartArray("content");
            writer.WriteEndArray();
            WriteStop(writer, null);
            WriteUsage(writer, new TokenUsage(inputTokens, 0));
            writer.WriteEndObject();
        });
        WriteEvent(output, "ping", static _ => { });
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output, AIContent content)
    {
        switch (content)
        {
            case TextContent { Text.Length: > 0 } text:
                Continue(output, TextBlock, static writer => writer.WriteString("text", ""));
                WriteDelta(output, "text_delta", "text", text.Text);
                break;
            case TextReasoningContent thinking when showsThinking:
                WriteThinking(output, thinking);
                break;
            case FunctionCallContent call:
                WriteCall(output, call);
                break;
        }
    }

    /// <inheritdoc/>
    public void End(IBufferWriter<byte> output, AnswerEnd end)
    {
        Close(output);
        WriteEvent(output, "message_delta", writer =>
        {
            writer.WriteStartObject("delta");
            WriteStop(writer, StopReasons.Write(end.Reason));
            writer.WriteEndObject();
            WriteUsage(writer, end.Usage);
        });
        WriteEvent(output, "message_stop", static _ => { });
    }

    /// <inheritdoc/>
    public void WriteWhole(IBufferWriter<byte> output, IReadOnlyList<AIContent> contents, AnswerEnd end)
    {
        using var writer = new Utf8JsonWriter(output, GatewayJson.Writer);
        writer.WriteStartObject();
        WriteHead(writer);
        writer.WriteStartArray("content");
        foreach (var content in contents)
            WriteBlock(writer, content);
        writer.WriteEndArray();
        WriteStop(writer, StopReasons.Write(end.Reason));
        WriteUsage(writer, end.Usage);
        writer.WriteEndObject();
    }

    private static void WriteStop(Utf8JsonWriter writer, string? reason)
    {
        writer.WriteString("stop_reason", reason);
        writer.WriteNull("stop_sequence");
    }

    /// <summary>Anthropic counts input that was read from its cache, or written to it, beside the input, not within it.</summary>
    private static void WriteUsage(Utf8JsonWriter writer, TokenUsage usage)
    {
        writer.WriteStartObject("usage");
        writer.WriteNumber("input_tokens", Math.Max(0, usage.InputTokens - usage.CachedInputTokens - usage.CacheWriteInputTokens));
        writer.WriteNumber("cache_creation_input_tokens", usage.CacheWriteInputTokens);
        writer.WriteNumber("cache_read_input_tokens", usage.CachedInputTokens);
        writer.WriteNumber("output_tokens", usage.OutputTokens);
        writer.WriteEndObject();
    }

    private static void WriteEvent(IBufferWriter<byte> output, string name, Action<Utf8JsonWriter> write)
    {
        Encoding.UTF8.GetBytes($"event: {name}\ndata: ", output);
        using (var writer = new Utf8JsonWriter(output, GatewayJson.Writer))
        {
            writer.WriteStartObject();
            writer.WriteString("type", name);
            write(writer);
            writer.WriteEndObject();
        }

        output.Write("\n\n"u8);
    }

    private void WriteHead(Utf8JsonWriter writer)
    {
        writer.WriteString("id", id);
        writer.WriteString("type", "message");
        writer.WriteString("role", "assistant");
        writer.WriteString("model", model);
    }

    private void WriteBlock(Utf8JsonWriter writer, AIContent content)
    {
        if (content is not (TextContent or FunctionCallContent) && !(content is TextReasoningContent && showsThinking))
            return;
        writer.WriteStartObject();
        switch (content)
        {
            case TextContent text:
                writer.WriteString("type", TextBlock);
                writer.WriteString("text", text.Text);
                break;
            case TextReasoningContent thinking:
                writer.WriteString("type", ThinkingBlock);
                writer.WriteString("thinking", thinking.Text);
                writer.WriteString("signature", thinking.ProtectedData ?? "");
                break;
            case FunctionCallContent call:
                writer.WriteString("type", ToolBlock);
                writer.WriteString("id", call.CallId);
                writer.WriteString("name", call.Name);
                writer.WritePropertyName("input");
                writer.WriteRawValue(ToolArguments.ObjectOf(call));
                break;
        }

        writer.WriteEndObject();
    }

    private void WriteThinking(IBufferWriter<byte> output, TextReasoningContent thinking)
    {
        Continue(output, ThinkingBlock, static writer =>
        {
            writer.WriteString("thinking", "");
            writer.WriteString("signature", "");
        });
        if (thinking.Text.Length > 0)
            WriteDelta(output, "thinking_delta", "thinking", thinking.Text);
        if (thinking.ProtectedData is { Length: > 0 } signature)
            WriteDelta(output, "signature_delta", "signature", signature);
    }

    private void WriteCall(IBufferWriter<byte> output, FunctionCallContent call)
    {
        Close(output);
        Continue(output, ToolBlock, writer =>
        {
            writer.WriteString("id", call.CallId);
            writer.WriteString("name", call.Name);
            writer.WriteStartObject("input");
            writer.WriteEndObject();
        });
        WriteDelta(output, "input_json_delta", "partial_json", ToolArguments.ObjectOf(call));
        Close(output);
    }

    private void Continue(IBufferWriter<byte> output, string type, Action<Utf8JsonWriter> writeEmpty)
    {
        if (_open == type)
            return;
        Close(output);
        _open = type;
        _index++;
        WriteEvent(output, "content_block_start", writer =>
        {
            writer.WriteNumber("index", _index);
            writer.WriteStartObject("content_block");
            writer.WriteString("type", type);
            writeEmpty(writer);
            writer.WriteEndObject();
        });
    }

    private void WriteDelta(IBufferWriter<byte> output, string type, string field, string text) => WriteEvent(output, "content_block_delta", writer =>
    {
        writer.WriteNumber("index", _index);
        writer.WriteStartObject("delta");
        writer.WriteString("type", type);
        writer.WriteString(field, text);
        writer.WriteEndObject();
    });

    private void Close(IBufferWriter<byte> output)
    {
        if (_open is null)
            return;
        _open = null;
        WriteEvent(output, "content_block_stop", writer => writer.WriteNumber("index", _index));
    }
}
