namespace OrleansChat.Core.Costs;

/// <summary>A scope's money in the current window, in nano-dollars.</summary>
public sealed record BudgetStatus
{
    /// <summary>The budget with its top-ups; null for none.</summary>
    public long? LimitNanoUsd { get; init; }

    /// <summary>Settled in this window.</summary>
    public required long SpentNanoUsd { get; init; }

    /// <summary>Set aside by open reservations.</summary>
    public required long ReservedNanoUsd { get; init; }

    /// <summary>What may still be reserved, at least 0; null without a budget.</summary>
    public long? RemainingNanoUsd => LimitNanoUsd is { } limit ? Math.Max(0, limit - SpentNanoUsd - ReservedNanoUsd) : null;

    /// <summary>The part of <see cref="LimitNanoUsd"/> that was added in this window.</summary>
    public long ToppedUpNanoUsd { get; init; }

    /// <summary>Settlements above their reservation, since the ledger's beginning.</summary>
    public long Excesses { get; init; }

    /// <summary>The sum by which settlements were above their reservations, since the ledger's beginning.</summary>
    public long ExcessNanoUsd { get; init; }

    /// <summary>The thresholds that were reached in this window, in percent.</summary>
    public IReadOnlyList<int> ReachedThresholds { get; init; } = [];

    /// <summary>The free tokens, by model.</summary>
    public IReadOnlyList<FreeTokenStatus> FreeTokens { get; init; } = [];

    /// <summary>
    /// In a refusal: when to ask again. It is the window's end, or the earlier moment at which nothing is held back any more for an activation
    /// that crashed; null for a budget without a window's end.
    /// </summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>The window's beginning; null for a total.</summary>
    public DateTimeOffset? WindowStart { get; init; }

    /// <summary>The window's end, exclusive; null for a total.</summary>
    public DateTimeOffset? WindowEnd { get; init; }
}

/// <summary>The free tokens of a model in the current window.</summary>
/// <param name="Model">The model's id.</param>
/// <param name="Limit">Tokens that are free in the window.</param>
/// <param name="Used">Tokens of them that were used.</param>
/// <param name="Reserved">Tokens of them that open reservations hold.</param>
public sealed record FreeTokenStatus(string Model, long Limit, long Used, long Reserved);
