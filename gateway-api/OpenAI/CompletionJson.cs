using System.Buffers;
using System.Text.Json;
using OrleansChat.Core.Upstreams;
using OrleansChat.GatewayApi.Json;

namespace OrleansChat.GatewayApi.OpenAI;

/// <summary>Writes completions as OpenAI does.</summary>
/// <param name="id">The completion's id.</param>
/// <param name="model">The model's id.</param>
/// <param name="created">When it was made, in Unix seconds.</param>
internal sealed class CompletionJson(string id, string model, long created)
{
    /// <summary>The first chunk, which names the role.</summary>
    public void WriteRole(IBufferWriter<byte> output) => WriteChunk(output, null, static writer =>
    {
        writer.WriteString("role", "assistant");
        writer.WriteString("content", "");
    });

    /// <summary>More of the answer.</summary>
    public void WriteDelta(IBufferWriter<byte> output, string text) => WriteChunk(output, null, writer => writer.WriteString("content", text));

    /// <summary>The end of the stream.</summary>
    public void WriteEnd(IBufferWriter<byte> output, string finishReason, TokenUsage? usage)
    {
        WriteChunk(output, finishReason, static _ => { });
        if (usage is not null)
        {
            WriteEvent(output, writer =>
            {
                WriteHead(writer, "chat.completion.chunk");
                writer.WriteStartArray("choices");
                writer.WriteEndArray();
                WriteUsage(writer, usage);
            });
        }

        output.Write("data: [DONE]\n\n"u8);
    }

    /// <summary>A whole answer.</summary>
    public void WriteWhole(IBufferWriter<byte> output, string text, string finishReason, TokenUsage usage)
    {
        using var writer = new Utf8JsonWriter(output, GatewayJson.Writer);
        writer.WriteStartObject();
        WriteHead(writer, "chat.completion");
        writer.WriteStartArray("choices");
        writer.WriteStartObject();
        writer.WriteNumber("index", 0);
        writer.WriteStartObject("message");
        writer.WriteString("role", "assistant");
        writer.WriteString("content", text);
        writer.WriteNull("refusal");
        writer.WriteEndObject();
        writer.WriteNull("logprobs");
        writer.WriteString("finish_reason", finishReason);
        writer.WriteEndObject();
        writer.WriteEndArray();
        WriteUsage(writer, usage);
        writer.WriteEndObject();
    }

    /// <summary>Writes one event.</summary>
    public static void WriteEvent(IBufferWriter<byte> output, Action<Utf8JsonWriter> write)
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

    /// <summary>Writes what a call used.</summary>
    public static void WriteUsage(Utf8JsonWriter writer, TokenUsage usage)
    {
        writer.WriteStartObject("usage");
        writer.WriteNumber("prompt_tokens", usage.InputTokens);
        writer.WriteNumber("completion_tokens", usage.OutputTokens);
        writer.WriteNumber("total_tokens", usage.TotalTokens);
        writer.WriteEndObject();
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
