namespace OrleansChat.Core.Turns;

/// <summary>What a turn is started with.</summary>
public sealed record TurnRequest
{
    /// <summary>The user's message: 1 character at least.</summary>
    public required string Message { get; init; }

    /// <summary>The client's own id of the turn: a repeat returns the same turn. Null for none.</summary>
    public string? ClientTurnId { get; init; }

    /// <summary>The message to follow, which may begin a new branch; null for the end of the active path.</summary>
    public string? ParentMessageId { get; init; }

    /// <summary>The model that answers; null for the session's.</summary>
    public string? Model { get; init; }
}
