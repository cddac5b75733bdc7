namespace OrleansChat.Core.Turns;

/// <summary>What a turn is started with.</summary>
public sealed record TurnRequest
{
    /// <summary>The <see cref="ParentMessageId"/> of a message that follows none, as when a session's first message is edited.</summary>
    public const string Root = "root";

    /// <summary>The user's message: 1 character at least.</summary>
    public required string Message { get; init; }

    /// <summary>The client's own id of the turn: a repeat returns the same turn. Null for none.</summary>
    public string? ClientTurnId { get; init; }

    /// <summary>The message to follow, which may begin a new branch; <see cref="Root"/> for none; null for the end of the active path.</summary>
    public string? ParentMessageId { get; init; }

    /// <summary>The model that answers; null for the session's.</summary>
    public string? Model { get; init; }
}
