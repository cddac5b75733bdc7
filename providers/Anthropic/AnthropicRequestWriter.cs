using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.AI;
using OrleansChat.Providers.Http;
using OrleansChat.Providers.OpenAI;

namespace OrleansChat.Providers.Anthropic;

/// <summary>Writes the body of a <c>/v1/messages</c> request.</summary>
internal sealed class AnthropicRequestWriter(UpstreamFaults faults)
{
    /// <summary>Anthropic requires a limit; this one every model takes.</summary>
    private const int DefaultMaxTokens = 4096;

    /// <summary>OpenAI's scale of temperatures goes to 2, Anthropic's to 1, and it refuses more.</summary>
    private const float MaxTemperature = 1;

    /// <summary>Fields of Anthropic's own that options may carry; those of other vendors would be refused.</summary>
    private static readonly string[] Extra = ["metadata", "service_tier", "thinking"];

    private readonly AnthropicMessageWriter _messages = new(faults);

    /// <summary>The body as UTF-8.</summary>
    /// <exception cref="Core.Errors.UpstreamException">The messages hold what the protocol cannot say.</exception>
    public ReadOnlyMemory<byte> Write(string model, IEnumerable<ChatMessage> messages, ChatOptions? options, bool stream)
    {
        var all = messages.ToList();
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var json = UpstreamJson.Writer(buffer);
        json.WriteStartObject();
        json.WriteString("model", model);
        json.WriteNumber("max_tokens", options?.MaxOutputTokens ?? DefaultMaxTokens);
        WriteSystem(json, all, options);
        json.WriteStartArray("messages");
        _messages.WriteAll(json, all.Where(message => message.Role != ChatRole.System));
        json.WriteEndArray();
        json.WriteBoolean("stream", stream);
        if (options is not null)
            WriteOptions(json, options);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    private static void WriteSystem(Utf8JsonWriter json, List<ChatMessage> messages, ChatOptions? options)
    {
        var texts = messages.Where(message => message.Role == ChatRole.System).Select(message => message.Text)
            .Prepend(options?.Instructions ?? "").Where(text => text.Length > 0).ToList();
        if (texts.Count > 0)
            json.WriteString("system", string.Join("\n\n", texts));
    }

    private void WriteOptions(Utf8JsonWriter json, ChatOptions options)
    {
        if (options.Temperature is { } temperature)
            json.WriteNumber("temperature", Math.Min(temperature, MaxTemperature));
        if (options.TopP is { } topP)
            json.WriteNumber("top_p", topP);
        if (options.TopK is { } topK)
            json.WriteNumber("top_k", topK);
        if (options.StopSequences is { Count: > 0 } stops)
        {
            json.WriteStartArray("stop_sequences");
            foreach (var stop in stops)
                json.WriteStringValue(stop);
            json.WriteEndArray();
        }

        if (options.ResponseFormat is ChatResponseFormatJson format)
            WriteFormat(json, format);
        if (options.Tools is { Count: > 0 } tools)
            WriteTools(json, tools, options);
        foreach (var name in Extra)
        {
            if (options.AdditionalProperties?.TryGetValue(name, out var value) is true)
                JsonValues.WriteProperty(json, name, value);
        }
    }

    private void WriteFormat(Utf8JsonWriter json, ChatResponseFormatJson format)
    {
        if (format.Schema is not { } schema)
            throw faults.Unsupported("JSON without a schema cannot be asked for in Anthropic's messages; give a schema, or use a tool.");
        json.WriteStartObject("output_config");
        json.WriteStartObject("format");
        json.WriteString("type", "json_schema");
        json.WritePropertyName("schema");
        schema.WriteTo(json);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteTools(Utf8JsonWriter json, IList<AITool> tools, ChatOptions options)
    {
        json.WriteStartArray("tools");
        foreach (var tool in tools)
        {
            if (tool is not AIFunctionDeclaration function)
                throw faults.Unsupported($"a tool of type {tool.GetType().Name} has no form in Anthropic's messages.");
            json.WriteStartObject();
            json.WriteString("name", function.Name);
            if (function.Description is { Length: > 0 } description)
                json.WriteString("description", description);
            json.WritePropertyName("input_schema");
            function.JsonSchema.WriteTo(json);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteChoice(json, options.ToolMode, options.AllowMultipleToolCalls);
    }

    private static void WriteChoice(Utf8JsonWriter json, ChatToolMode? mode, bool? parallel)
    {
        if (mode is null && parallel is not false)
            return;
        json.WriteStartObject("tool_choice");
        json.WriteString("type", mode switch
        {
            RequiredChatToolMode { RequiredFunctionName: not null } => "tool",
            RequiredChatToolMode => "any",
            NoneChatToolMode => "none",
            _ => "auto",
        });
        if (mode is RequiredChatToolMode { RequiredFunctionName: { } name })
            json.WriteString("name", name);
        if (parallel is false && mode is not NoneChatToolMode)
            json.WriteBoolean("disable_parallel_tool_use", true);
        json.WriteEndObject();
    }
}
