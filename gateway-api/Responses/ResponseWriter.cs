using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using OrleansChat.Core.Errors;
using OrleansChat.GatewayApi.Json;
using OrleansChat.GatewayApi.Translation;

namespace OrleansChat.GatewayApi.Responses;

/// <summary>Writes an answer as a response: whole, or as the numbered events of a stream.</summary>
/// <remarks>https://platform.openai.com/docs/api-reference/responses-streaming.</remarks>
internal sealed class ResponseWriter(ResponseJson json) : IAnswerWriter
{
    private readonly AnswerContents _contents = new();
    private readonly StringBuilder _text = new();
    private int _sequence;
    private int _index;
    private bool _isOpen;

    /// <summary>Writes a failure into the stream.</summary>
    public void WriteError(IBufferWriter<byte> output, Problem problem) =>
        WriteEvent(output, "response.failed", writer => WriteResponse(writer, inner => json.WriteFailed(inner, problem)));

    /// <inheritdoc/>
    public void Begin(IBufferWriter<byte> output)
    {
        WriteEvent(output, "response.created", writer => WriteResponse(writer, json.WriteBegun));
        WriteEvent(output, "response.in_progress", writer => WriteResponse(writer, json.WriteBegun));
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output, AIContent content)
    {
        switch (content)
        {
            case TextContent { Text.Length: > 0 } text:
                OpenMessage(output);
                _text.Append(text.Text);
                WriteEvent(output, "response.output_text.delta", writer =>
                {
                    WritePlace(writer, json.MessageId(_index), isPart: true);
                    writer.WriteString("delta", text.Text);
                    WriteNoLogprobs(writer);
                });
                _contents.Add(text);
                break;
            case TextReasoningContent thought:
                CloseMessage(output, ResponseJson.Completed);
                _contents.Add(thought);
                break;
            case FunctionCallContent call:
                CloseMessage(output, ResponseJson.Completed);
                WriteCall(output, call);
                _contents.Add(call);
                break;
        }
    }

    /// <inheritdoc/>
    public void End(IBufferWriter<byte> output, AnswerEnd end)
    {
        var status = ResponseJson.StatusOf(end);
        CloseMessage(output, status);
        var contents = _contents.Take();
        WriteEvent(output, $"response.{status}", writer => WriteResponse(writer, inner => json.WriteEnded(inner, contents, end)));
    }

    /// <inheritdoc/>
    public void WriteWhole(IBufferWriter<byte> output, IReadOnlyList<AIContent> contents, AnswerEnd end)
    {
        using var writer = new Utf8JsonWriter(output, GatewayJson.Writer);
        json.WriteEnded(writer, contents, end);
    }

    private static void WriteResponse(Utf8JsonWriter writer, Action<Utf8JsonWriter> write)
    {
        writer.WritePropertyName("response");
        write(writer);
    }

    private static void WriteNoLogprobs(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("logprobs");
        writer.WriteEndArray();
    }

    private void OpenMessage(IBufferWriter<byte> output)
    {
        if (_isOpen)
            return;
        _isOpen = true;
        WriteItem(output, "response.output_item.added", writer => json.WriteMessage(writer, _index, null, ResponseJson.InProgress));
        WritePart(output, "response.content_part.added", "");
    }

    private void CloseMessage(IBufferWriter<byte> output, string status)
    {
        if (!_isOpen)
            return;
        _isOpen = false;
        var text = _text.ToString();
        _text.Clear();
        WriteEvent(output, "response.output_text.done", writer =>
        {
            WritePlace(writer, json.MessageId(_index), isPart: true);
            writer.WriteString("text", text);
            WriteNoLogprobs(writer);
        });
        WritePart(output, "response.content_part.done", text);
        WriteItem(output, "response.output_item.done", writer => json.WriteMessage(writer, _index, text, status));
        _index++;
    }

    private void WriteCall(IBufferWriter<byte> output, FunctionCallContent call)
    {
        var arguments = ToolArguments.TextOf(call);
        WriteItem(output, "response.output_item.added", writer => json.WriteCall(writer, _index, call, "", ResponseJson.InProgress));
        WriteEvent(output, "response.function_call_arguments.delta", writer =>
        {
            WritePlace(writer, json.CallId(_index), isPart: false);
            writer.WriteString("delta", arguments);
        });
        WriteEvent(output, "response.function_call_arguments.done", writer =>
        {
            WritePlace(writer, json.CallId(_index), isPart: false);
            writer.WriteString("name", call.Name);
            writer.WriteString("arguments", arguments);
        });
        WriteItem(output, "response.output_item.done", writer => json.WriteCall(writer, _index, call, arguments, ResponseJson.Completed));
        _index++;
    }

    private void WriteItem(IBufferWriter<byte> output, string name, Action<Utf8JsonWriter> write) => WriteEvent(output, name, writer =>
    {
        writer.WriteNumber("output_index", _index);
        writer.WritePropertyName("item");
        write(writer);
    });

    private void WritePart(IBufferWriter<byte> output, string name, string text) => WriteEvent(output, name, writer =>
    {
        WritePlace(writer, json.MessageId(_index), isPart: true);
        writer.WritePropertyName("part");
        ResponseJson.WritePart(writer, text);
    });

    private void WritePlace(Utf8JsonWriter writer, string item, bool isPart)
    {
        writer.WriteString("item_id", item);
        writer.WriteNumber("output_index", _index);
        if (isPart)
            writer.WriteNumber("content_index", 0);
    }

    private void WriteEvent(IBufferWriter<byte> output, string name, Action<Utf8JsonWriter> write)
    {
        Encoding.UTF8.GetBytes($"event: {name}\ndata: ", output);
        using (var writer = new Utf8JsonWriter(output, GatewayJson.Writer))
        {
            writer.WriteStartObject();
            writer.WriteString("type", name);
            writer.WriteNumber("sequence_number", _sequence++);
            write(writer);
            writer.WriteEndObject();
        }

        output.Write("\n\n"u8);
    }
}
