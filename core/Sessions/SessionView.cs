using System.Text.Json.Serialization;

namespace OrleansChat.Core.Sessions;

/// <summary>A session as a client sees it.</summary>
public sealed record SessionView
{
    /// <summary>Its id, a UUIDv7.</summary>
    public required string Id { get; init; }

    /// <summary>Its title; null until it has one.</summary>
    public string? Title { get; init; }

    /// <summary>The model that answers.</summary>
    public string? Model { get; init; }

    /// <summary>What the model is told first.</summary>
    public string? SystemPrompt { get; init; }

    /// <summary>Collections that passages are retrieved from; null for all, empty for none.</summary>
    public IReadOnlyList<string>? Collections { get; init; }

    /// <summary>What all its turns may cost, in US dollars; null for no limit.</summary>
    public decimal? BudgetUsd { get; init; }

    /// <summary>Minutes without activity after which it expires; null for never.</summary>
    public int? TtlMinutes { get; init; }

    /// <summary>Whether the owner's team may see it and chat in it.</summary>
    public bool Shared { get; init; }

    /// <summary>When it was made, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last used, UTC.</summary>
    public required DateTimeOffset LastActiveAt { get; init; }

    /// <summary>The turn that is running; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ActiveTurnId { get; init; }

    /// <summary>The newest stored message of the active path; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ActiveMessageId { get; init; }

    /// <summary>Messages, oldest first: the active path, a part of it, or all with <c>?tree=true</c>.</summary>
    public IReadOnlyList<SessionMessage> Messages { get; init; } = [];

    /// <summary>What asks for the messages before these, where only a part was asked for; null when there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Before { get; init; }
}

/// <summary>A message of a session.</summary>
public sealed record SessionMessage
{
    /// <summary>Its id, a UUIDv7.</summary>
    public required string Id { get; init; }

    /// <summary>The message that it follows; null for the first.</summary>
    public string? ParentId { get; init; }

    /// <summary><c>user</c> or <c>assistant</c>.</summary>
    public required string Role { get; init; }

    /// <summary>Its text.</summary>
    public required string Content { get; init; }

    /// <summary>Where the text comes from; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Turns.Citation>? Citations { get; init; }

    /// <summary>The response of the Responses API that it belongs to; null for a message of a turn.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ResponseId { get; init; }

    /// <summary>The message as that API wrote it, in JSON: a question's items, or a whole response; null for a message of a turn.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Items { get; init; }

    /// <summary>When it was appended, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>How much of a session's tree is asked for.</summary>
public enum SessionScope
{
    /// <summary>Settings alone.</summary>
    Settings,

    /// <summary>The active path: from the newest message back to the first.</summary>
    ActivePath,

    /// <summary>Every branch.</summary>
    Tree,
}
