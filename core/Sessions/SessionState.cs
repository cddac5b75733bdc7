using OrleansChat.Core.Sessions.Paging;
using OrleansChat.Core.Turns.Summaries;

namespace OrleansChat.Core.Sessions;

/// <summary>
/// The stored head of a session. It does not grow with the chat: messages, ended turns and turn logs are in states of their own.
/// </summary>
public sealed class SessionState
{
    /// <summary>The key that made the session; null when there is none.</summary>
    public string? Owner { get; set; }

    /// <summary>The owner's team when the session was made; null for none.</summary>
    public string? Team { get; set; }

    /// <summary>The owner's team, while the session is shared with it; null for none.</summary>
    public string? SharedWith { get; set; }

    /// <summary>The team whose list is still to lose the session; null for none.</summary>
    public string? WithdrawnFrom { get; set; }

    /// <summary>How far its messages are in its owner's list, to be searched.</summary>
    public PageTail IndexedForOwner { get; set; }

    /// <summary>How far they are in the list of the team that it is shared with.</summary>
    public PageTail IndexedForTeam { get; set; }

    /// <summary>Whether the session is deleted, or only half imported: what is left are pages to be cleared.</summary>
    public bool Deleting { get; set; }

    /// <summary>Its settings.</summary>
    public SessionSettings Settings { get; set; } = new();

    /// <summary>When it was made, UTC.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>When its last turn began, UTC.</summary>
    public DateTimeOffset LastActiveAt { get; set; }

    /// <summary>When its last turn ended or its settings changed, UTC: use that is no new place in the list of sessions.</summary>
    public DateTimeOffset LastChangedAt { get; set; }

    /// <summary>The deadline that is entered for the next look at it, UTC; null when none is known.</summary>
    public DateTimeOffset? LookAt { get; set; }

    /// <summary>The end of its messages.</summary>
    public PageTail Messages { get; set; }

    /// <summary>The newest message of the active path; null for none.</summary>
    public string? Leaf { get; set; }

    /// <summary>What is known of the beginning of the active path, where that is too long for a window; null for nothing.</summary>
    public ConversationSummary? Summary { get; set; }

    /// <summary>The end of its ended turns.</summary>
    public PageTail Turns { get; set; }

    /// <summary>The oldest ended turn whose log is kept.</summary>
    public PagePosition OldestLog { get; set; }

    /// <summary>Responses among its messages, deleted ones too.</summary>
    public int Responses { get; set; }

    /// <summary>Ids of the responses that were deleted, while others remain.</summary>
    public List<string> DeletedResponses { get; set; } = [];

    /// <summary>The turn under way; null for none.</summary>
    public OpenTurn? Open { get; set; }
}
