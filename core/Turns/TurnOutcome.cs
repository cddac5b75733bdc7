using OrleansChat.Core.Errors;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Turns;

/// <summary>How a turn ended, settled but not yet appended.</summary>
public sealed record TurnOutcome
{
    /// <summary>How it ended.</summary>
    public required TurnStatus Status { get; init; }

    /// <summary>The answer as far as it came.</summary>
    public string Text { get; init; } = "";

    /// <summary>The passages that it quotes.</summary>
    public IReadOnlyList<Citation> Citations { get; init; } = [];

    /// <summary>Why the model stopped, in OpenAI's words: <c>stop</c>, <c>length</c>, <c>tool_calls</c>, <c>content_filter</c>.</summary>
    public string FinishReason { get; init; } = "stop";

    /// <summary>Whether messages were left out of the context that are in no summary yet.</summary>
    public bool LeftMessagesOut { get; init; }

    /// <summary>Tokens of all upstream calls.</summary>
    public TokenUsage Usage { get; init; } = TokenUsage.Zero;

    /// <summary>The cost of all upstream calls in nano-dollars.</summary>
    public long CostNanoUsd { get; init; }

    /// <summary>The upstream that answered last; null when none did.</summary>
    public string? Upstream { get; init; }

    /// <summary>The fallbacks that it owes its answer to; null for none.</summary>
    public IReadOnlyList<string>? Fallbacks { get; init; }

    /// <summary>Why it failed; null unless it did.</summary>
    public Problem? Problem { get; init; }
}
