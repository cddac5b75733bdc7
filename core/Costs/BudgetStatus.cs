namespace OrleansChat.Core.Costs;

/// <summary>A scope's money in the current window, in nano-dollars.</summary>
public sealed record BudgetStatus
{
    /// <summary>The budget; null for none.</summary>
    public long? LimitNanoUsd { get; init; }

    /// <summary>Settled in this window.</summary>
    public required long SpentNanoUsd { get; init; }

    /// <summary>Set aside by open reservations.</summary>
    public required long ReservedNanoUsd { get; init; }

    /// <summary>What may still be reserved, at least 0; null without a budget.</summary>
    public long? RemainingNanoUsd => LimitNanoUsd is { } limit ? Math.Max(0, limit - SpentNanoUsd - ReservedNanoUsd) : null;

    /// <summary>The window's beginning; null for a total.</summary>
    public DateTimeOffset? WindowStart { get; init; }

    /// <summary>The window's end, exclusive; null for a total.</summary>
    public DateTimeOffset? WindowEnd { get; init; }
}
