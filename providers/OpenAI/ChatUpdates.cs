using Microsoft.Extensions.AI;

namespace OrleansChat.Providers.OpenAI;

/// <summary>Turns the events of one streamed completion into updates. Holds the state of one stream.</summary>
internal sealed class ChatUpdates
{
    private readonly ToolCallAssembler _toolCalls = new();

    /// <summary>Whether the model said why it stopped, so that the text is whole.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>The update of an event; null when the event has nothing to tell.</summary>
    public ChatResponseUpdate? Next(CompletionWire wire)
    {
        var update = new ChatResponseUpdate
        {
            ResponseId = wire.Id,
            MessageId = wire.Id,
            ModelId = wire.Model,
            CreatedAt = Created(wire),
            Role = ChatRole.Assistant,
        };
        // One answer is asked for; a server that sends more is read for the first.
        if (wire.Choices?.FirstOrDefault(choice => choice.Index == 0) is { } choice)
            AddChoice(update, choice);
        if (wire.Usage is { } usage)
            update.Contents.Add(new UsageContent(usage.ToDetails()));
        return update.Contents.Count > 0 || update.FinishReason is not null ? update : null;
    }

    /// <summary>The one update of an answer that is not streamed; null when it has no choice.</summary>
    public ChatResponseUpdate? Whole(CompletionWire wire)
    {
        if (wire.Choices is not { Count: > 0 })
            return null;
        var update = Next(wire) ?? new ChatResponseUpdate(ChatRole.Assistant, "");
        foreach (var content in Rest()?.Contents ?? [])
            update.Contents.Add(content);
        return update;
    }

    /// <summary>Tool calls of a stream that ended without a finish reason; null when there are none.</summary>
    public ChatResponseUpdate? Rest()
        => _toolCalls.Take() is { Count: > 0 } calls ? new ChatResponseUpdate(ChatRole.Assistant, [.. calls]) : null;

    /// <summary>Whether an event carries a token: text, reasoning, or part of a tool call.</summary>
    public static bool HasToken(CompletionWire wire)
        => wire.Choices is { Count: > 0 } choices
            && choices.Any(choice => choice.FinishReason is not null
                || choice.Delta is { ToolCalls.Count: > 0 }
                || choice.Delta is { } delta && (Has(delta.Content) || Has(delta.Refusal) || Has(delta.ReasoningContent) || Has(delta.Reasoning)));

    public static DateTimeOffset? Created(CompletionWire wire)
        => wire.Created is > 0 and < 1e11 ? DateTimeOffset.FromUnixTimeMilliseconds((long)(wire.Created.Value * 1000)) : null;

    /// <summary>Text parts of a whole or partial message. A refusal is the model's answer, and reads as such.</summary>
    public static void AddText(IList<AIContent> contents, MessageWire message)
    {
        if ((message.ReasoningContent ?? message.Reasoning) is { Length: > 0 } reasoning)
            contents.Add(new TextReasoningContent(reasoning));
        if (Has(message.Content))
            contents.Add(new TextContent(message.Content));
        if (Has(message.Refusal))
            contents.Add(new TextContent(message.Refusal));
    }

    private static bool Has(string? text) => !string.IsNullOrEmpty(text);

    private void AddChoice(ChatResponseUpdate update, ChoiceWire choice)
    {
        if ((choice.Delta ?? choice.Message) is { } delta)
        {
            AddText(update.Contents, delta);
            foreach (var fragment in delta.ToolCalls ?? [])
                _toolCalls.Add(fragment);
        }

        if (choice.FinishReason is not { Length: > 0 } reason)
            return;
        IsFinished = true;
        foreach (var call in _toolCalls.Take())
            update.Contents.Add(call);
        update.FinishReason = FinishReasons.Parse(reason);
    }
}

/// <summary>Finish reasons as OpenAI writes them.</summary>
internal static class FinishReasons
{
    public static ChatFinishReason Parse(string reason) => reason switch
    {
        "stop" => ChatFinishReason.Stop,
        "length" => ChatFinishReason.Length,
        "tool_calls" or "function_call" => ChatFinishReason.ToolCalls,
        "content_filter" => ChatFinishReason.ContentFilter,
        _ => new ChatFinishReason(reason),
    };
}
