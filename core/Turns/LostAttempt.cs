using OrleansChat.Core.Costs;
using OrleansChat.Core.Keys;

namespace OrleansChat.Core.Turns;

/// <summary>An attempt under way when its host died: nobody knows what it used, and nobody will settle it.</summary>
public sealed record LostAttempt
{
    /// <summary>The turn.</summary>
    public required string TurnId { get; init; }

    /// <summary>Its session.</summary>
    public required string SessionId { get; init; }

    /// <summary>The session's own budget; null for none.</summary>
    public Budget? SessionBudget { get; init; }

    /// <summary>The key that pays.</summary>
    public required ApiKey Caller { get; init; }

    /// <summary>The id of the model.</summary>
    public required string Model { get; init; }

    /// <summary>What it had set aside.</summary>
    public required ReservedAttempt Reserved { get; init; }
}
