using OrleansChat.Core.Costs;

namespace OrleansChat.GatewayApi.Operation;

/// <summary>A scope's money in the current window, in US dollars.</summary>
/// <param name="LimitUsd">The budget with its top-ups; null for none.</param>
/// <param name="SpentUsd">What was settled in the window.</param>
/// <param name="ReservedUsd">What open requests set aside.</param>
/// <param name="RemainingUsd">What may still be set aside; null without a budget.</param>
/// <param name="WindowStart">The window's beginning; null for a total.</param>
/// <param name="WindowEnd">The window's end; null for a total.</param>
/// <param name="ToppedUpUsd">What top-ups added to the limit in this window.</param>
/// <param name="ReachedThresholds">The thresholds that were reached in this window, in percent.</param>
/// <param name="FreeTokens">The free tokens in this window, by model.</param>
/// <param name="Excess">Settlements above what was set aside for them, since the ledger's beginning.</param>
internal sealed record BudgetLine(
    decimal? LimitUsd,
    decimal SpentUsd,
    decimal ReservedUsd,
    decimal? RemainingUsd,
    DateTimeOffset? WindowStart,
    DateTimeOffset? WindowEnd,
    decimal ToppedUpUsd,
    IReadOnlyList<int> ReachedThresholds,
    IReadOnlyList<FreeTokensLine> FreeTokens,
    ExcessLine Excess)
{
    /// <summary>The line of a status.</summary>
    public static BudgetLine Of(BudgetStatus status) => new(
        Usd(status.LimitNanoUsd),
        NanoUsd.ToUsd(status.SpentNanoUsd),
        NanoUsd.ToUsd(status.ReservedNanoUsd),
        Usd(status.RemainingNanoUsd),
        status.WindowStart,
        status.WindowEnd,
        NanoUsd.ToUsd(status.ToppedUpNanoUsd),
        status.ReachedThresholds,
        [.. status.FreeTokens.Select(FreeTokensLine.Of)],
        new ExcessLine(status.Excesses, NanoUsd.ToUsd(status.ExcessNanoUsd)));

    private static decimal? Usd(long? nano) => nano is { } value ? NanoUsd.ToUsd(value) : null;
}

/// <summary>The free tokens of a model.</summary>
/// <param name="Model">The model's id.</param>
/// <param name="Limit">Tokens that are free in the window.</param>
/// <param name="Used">Tokens of them that were used.</param>
/// <param name="Reserved">Tokens of them that open requests hold.</param>
/// <param name="Remaining">Tokens of them that are left.</param>
internal sealed record FreeTokensLine(string Model, long Limit, long Used, long Reserved, long Remaining)
{
    /// <summary>The line of a status.</summary>
    public static FreeTokensLine Of(FreeTokenStatus status) => new(
        status.Model, status.Limit, status.Used, status.Reserved, Math.Max(0, status.Limit - Math.Max(0, status.Used) - status.Reserved));
}

/// <summary>Settlements above what was set aside for them.</summary>
/// <param name="Requests">How many.</param>
/// <param name="Usd">By how much together, in US dollars.</param>
internal sealed record ExcessLine(long Requests, decimal Usd);
