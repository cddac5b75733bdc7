using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using OrleansChat.Providers.OpenAI;

namespace OrleansChat.Providers.Anthropic;

/// <summary>Turns the events of one streamed message into updates. Holds the state of one stream.</summary>
internal sealed class AnthropicUpdates
{
    private readonly Dictionary<int, Call> _calls = [];
    private readonly AnthropicUsage _usage = new();
    private string? _id;
    private string? _model;

    /// <summary>Whether the model said why it stopped, so that the text is whole.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>The update of an event; null when the event has nothing to tell, as <c>ping</c> and those of types yet unknown.</summary>
    public ChatResponseUpdate? Next(AnthropicEventWire wire)
    {
        switch (wire.Type)
        {
            case "message_start":
                _id = wire.Message?.Id;
                _model = wire.Message?.Model;
                _usage.Add(wire.Message?.Usage);
                return null;
            case "content_block_start" when wire.ContentBlock is { Type: "tool_use" } block:
                _calls[wire.Index] = new Call(block.Id ?? $"toolu_{wire.Index}", block.Name ?? "", block.Input);
                return null;
            case "content_block_start" when wire.ContentBlock is { } block:
                return Content(block) is { } begun ? Update(begun) : null;
            case "content_block_delta" when wire.Delta is { } delta:
                return Delta(wire.Index, delta);
            case "content_block_stop" when _calls.Remove(wire.Index, out var call):
                return Update(call.Finish());
            case "message_delta":
                return End(wire.Delta?.StopReason, wire.Usage);
            default:
                return null;
        }
    }

    /// <summary>The one update of an answer that is not streamed.</summary>
    public ChatResponseUpdate Whole(AnthropicMessageWire wire)
    {
        _id = wire.Id;
        _model = wire.Model;
        var end = End(wire.StopReason, wire.Usage);
        var update = Update([.. (wire.Content ?? []).Select(Content).OfType<AIContent>(), .. end?.Contents ?? []]);
        update.FinishReason = end?.FinishReason;
        return update;
    }

    /// <summary>Whether an event carries a token.</summary>
    public static bool HasToken(AnthropicEventWire wire) => wire.Type is "content_block_start" or "content_block_delta" or "message_delta";

    private static AIContent? Content(AnthropicBlockWire block) => block switch
    {
        { Type: "text", Text.Length: > 0 } => new TextContent(block.Text),
        { Type: "thinking" } when block.Thinking is { Length: > 0 } || block.Signature is { Length: > 0 } =>
            new TextReasoningContent(block.Thinking) { ProtectedData = block.Signature },
        { Type: "tool_use" } => new Call(block.Id ?? "toolu", block.Name ?? "", block.Input).Finish(),
        _ => null,
    };

    private ChatResponseUpdate? Delta(int index, AnthropicDeltaWire delta)
    {
        switch (delta.Type)
        {
            case "text_delta" when delta.Text is { Length: > 0 } text:
                return Update(new TextContent(text));
            case "thinking_delta" when delta.Thinking is { Length: > 0 } thinking:
                return Update(new TextReasoningContent(thinking));
            case "signature_delta" when delta.Signature is { Length: > 0 } signature:
                return Update(new TextReasoningContent("") { ProtectedData = signature });
            case "input_json_delta" when _calls.TryGetValue(index, out var call):
                call.Arguments.Append(delta.PartialJson);
                return null;
            default:
                return null;
        }
    }

    private ChatResponseUpdate? End(string? stopReason, AnthropicUsageWire? usage)
    {
        _usage.Add(usage);
        if (stopReason is null)
            return null;
        IsFinished = true;
        var update = _usage.ToDetails() is { } details ? Update(new UsageContent(details)) : Update();
        update.FinishReason = StopReasons.Parse(stopReason);
        return update;
    }

    private ChatResponseUpdate Update(params IList<AIContent> contents) => new(ChatRole.Assistant, contents)
    {
        ResponseId = _id,
        MessageId = _id,
        ModelId = _model,
    };

    /// <summary>A tool call whose arguments come whole with its start, or in fragments after it.</summary>
    private sealed class Call(string id, string name, JsonElement input)
    {
        public StringBuilder Arguments { get; } = new();

        public FunctionCallContent Finish() => ToolCallAssembler.Finish(
            id, name, Arguments.Length > 0 ? Arguments.ToString() : input.ValueKind is JsonValueKind.Object ? input.GetRawText() : "");
    }
}
