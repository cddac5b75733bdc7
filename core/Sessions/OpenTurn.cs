using System.Text.Json.Serialization;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Turns;

namespace OrleansChat.Core.Sessions;

/// <summary>A turn under way, as it is stored before it begins: what another activation needs to restart it or to mark it.</summary>
public sealed record OpenTurn
{
    /// <summary>Its id.</summary>
    public required string TurnId { get; init; }

    /// <summary>The client's own id of it; null for none.</summary>
    public string? ClientTurnId { get; init; }

    /// <summary>The key that pays.</summary>
    public required ApiKey Caller { get; init; }

    /// <summary>The message that it answers. It joins the stored messages together with the answer.</summary>
    public required StoredMessage Question { get; init; }

    /// <summary>Whether <see cref="Question"/> is among the stored messages already, as it is when an answer is made anew.</summary>
    public bool QuestionIsStored { get; init; }

    /// <summary>Its first event.</summary>
    public required TurnStarted Started { get; init; }

    /// <summary>The attempt under way, from 1.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>What the last attempt that was admitted set aside; null where none was, or where it is known to be settled or taken back.</summary>
    public ReservedAttempt? Reserved { get; init; }

    /// <summary>What that attempt's second call set aside; null where there was none, or where it was taken back.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ReservedAttempt? Hedge { get; init; }

    /// <summary>Hosts that died under it.</summary>
    public int Crashes { get; init; }

    /// <summary>Whether the last host stopped in order and left the turn to the next: that is no death, however often it happens.</summary>
    public bool IsHandedOver { get; init; }

    /// <summary>Sequence numbers that are allowed without a further record.</summary>
    public long Allowed { get; init; }

    /// <summary>Its restarts so far.</summary>
    public IReadOnlyList<RecordedRestart> Restarts { get; init; } = [];
}

/// <summary>A restart that readers may have seen.</summary>
/// <param name="Sequence">Its place in the turn's log.</param>
/// <param name="Attempt">The attempt that began.</param>
public sealed record RecordedRestart(long Sequence, int Attempt);
