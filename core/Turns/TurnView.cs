using System.Text.Json.Serialization;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Turns;

/// <summary>A turn as a client sees it.</summary>
public sealed record TurnView
{
    /// <summary>Its id, a UUIDv7.</summary>
    public required string TurnId { get; init; }

    /// <summary>Its session.</summary>
    public required string SessionId { get; init; }

    /// <summary>Where it stands.</summary>
    public required TurnStatus Status { get; init; }

    /// <summary>The answer; null until there is one.</summary>
    public SessionMessage? Message { get; init; }

    /// <summary>Tokens used; null until settled.</summary>
    public TokenUsage? Usage { get; init; }

    /// <summary>What it cost in US dollars; null until settled.</summary>
    public decimal? CostUsd { get; init; }

    /// <summary>The model that answers.</summary>
    public string? Model { get; init; }

    /// <summary>The upstream that answered; null until one has.</summary>
    public string? Upstream { get; init; }

    /// <summary>The newest event's sequence number.</summary>
    public long LastSequence { get; init; }

    /// <summary>The fallbacks that it owes its answer to, by the names that health and metrics use; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Fallbacks { get; init; }

    /// <summary>Why it failed; null unless it did.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Problem? Problem { get; init; }
}
