using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.AI;
using OrleansChat.Providers.Http;

namespace OrleansChat.Providers.OpenAI;

/// <summary>Writes the body of a <c>/chat/completions</c> request.</summary>
internal sealed class ChatRequestWriter(string maxTokensField, UpstreamFaults faults)
{
    /// <summary>Fields that this client answers for; additional properties never replace them.</summary>
    private static readonly HashSet<string> Reserved = ["model", "messages", "stream", "stream_options", "tools", "n"];

    private readonly ChatMessageWriter _messages = new(faults);

    /// <summary>The body as UTF-8.</summary>
    /// <exception cref="Core.Errors.UpstreamException">The messages hold what the protocol cannot say.</exception>
    public ReadOnlyMemory<byte> Write(string model, IEnumerable<ChatMessage> messages, ChatOptions? options, bool stream)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var json = UpstreamJson.Writer(buffer);
        json.WriteStartObject();
        json.WriteString("model", model);
        json.WriteStartArray("messages");
        if (options?.Instructions is { Length: > 0 } instructions)
            ChatMessageWriter.WriteSystem(json, instructions);
        foreach (var message in messages)
            _messages.Write(json, message);
        json.WriteEndArray();
        json.WriteBoolean("stream", stream);
        if (stream)
        {
            // Without it most servers stream no usage, and the bill would rest on an estimate.
            json.WriteStartObject("stream_options");
            json.WriteBoolean("include_usage", true);
            json.WriteEndObject();
        }

        if (options is not null)
            WriteOptions(json, options);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    private void WriteOptions(Utf8JsonWriter json, ChatOptions options)
    {
        var extra = options.AdditionalProperties;
        bool Free(string name) => extra is null || !extra.ContainsKey(name);

        if (options.MaxOutputTokens is { } limit && Free("max_tokens") && Free("max_completion_tokens"))
            json.WriteNumber(maxTokensField, limit);
        WriteNumber("temperature", options.Temperature);
        WriteNumber("top_p", options.TopP);
        WriteNumber("frequency_penalty", options.FrequencyPenalty);
        WriteNumber("presence_penalty", options.PresencePenalty);
        if (options.TopK is { } topK && Free("top_k"))
            json.WriteNumber("top_k", topK);
        if (options.Seed is { } seed && Free("seed"))
            json.WriteNumber("seed", seed);
        if (options.StopSequences is { Count: > 0 } stops && Free("stop"))
        {
            json.WriteStartArray("stop");
            foreach (var stop in stops)
                json.WriteStringValue(stop);
            json.WriteEndArray();
        }

        if (Effort(options.Reasoning?.Effort) is { } effort && Free("reasoning_effort"))
            json.WriteString("reasoning_effort", effort);
        if (options.ResponseFormat is { } format && Free("response_format"))
            ChatToolWriter.WriteResponseFormat(json, format);
        if (options.Tools is { Count: > 0 } tools)
            new ChatToolWriter(faults).WriteTools(json, tools, Free("tool_choice") ? options.ToolMode : null);
        if (options.AllowMultipleToolCalls is { } parallel && Free("parallel_tool_calls"))
            json.WriteBoolean("parallel_tool_calls", parallel);
        foreach (var (name, value) in extra ?? [])
        {
            if (!Reserved.Contains(name))
                JsonValues.WriteProperty(json, name, value);
        }

        void WriteNumber(string name, float? value)
        {
            if (value is { } number && Free(name))
                json.WriteNumber(name, number);
        }
    }

    private static string? Effort(ReasoningEffort? effort) => effort switch
    {
        ReasoningEffort.None => "none",
        ReasoningEffort.Low => "low",
        ReasoningEffort.Medium => "medium",
        ReasoningEffort.High => "high",
        ReasoningEffort.ExtraHigh => "xhigh",
        _ => null,
    };
}
