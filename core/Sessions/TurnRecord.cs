using OrleansChat.Core.Errors;
using OrleansChat.Core.Turns;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Sessions;

/// <summary>A turn that has ended, as it is stored: everything but its text and its events.</summary>
public sealed record TurnRecord
{
    /// <summary>Its id.</summary>
    public required string TurnId { get; init; }

    /// <summary>The client's own id of it; null for none.</summary>
    public string? ClientTurnId { get; init; }

    /// <summary>The message that it answered.</summary>
    public required string UserMessageId { get; init; }

    /// <summary>The answer; null when there is none.</summary>
    public string? MessageId { get; init; }

    /// <summary>How it ended.</summary>
    public required TurnStatus Status { get; init; }

    /// <summary>The model that was asked.</summary>
    public required string Model { get; init; }

    /// <summary>The upstream that answered; null for none.</summary>
    public string? Upstream { get; init; }

    /// <summary>Tokens of all its upstream calls.</summary>
    public TokenUsage? Usage { get; init; }

    /// <summary>Its cost in nano-dollars.</summary>
    public long? CostNanoUsd { get; init; }

    /// <summary>The fallbacks that it owes its answer to, by the names that health and metrics use; null for none.</summary>
    public IReadOnlyList<string>? Fallbacks { get; init; }

    /// <summary>Why it failed; null unless it did.</summary>
    public Problem? Problem { get; init; }

    /// <summary>When it ended, UTC.</summary>
    public required DateTimeOffset EndedAt { get; init; }

    /// <summary>Its last event's sequence number.</summary>
    public required long LastSequence { get; init; }
}
