using System.ComponentModel.DataAnnotations;
using OrleansChat.Core.Costs;

namespace OrleansChat.Core.Settings;

/// <summary>A budget.</summary>
public sealed record BudgetOptions
{
    /// <summary>US dollars in a window.</summary>
    [Range(0d, 1_000_000_000d)]
    public decimal Usd { get; init; }

    /// <summary>The window.</summary>
    /// <value>The default is <see cref="BudgetWindow.Month"/>.</value>
    public BudgetWindow Window { get; init; } = BudgetWindow.Month;

    /// <summary>The percentages of the budget at which a warning is raised once in a window, from 1 to 1,000; an empty list for none.</summary>
    /// <value>The default is 80 and 100.</value>
    public IReadOnlyList<int> Thresholds { get; init; } = Budget.DefaultThresholds;

    /// <summary>Tokens, input and output, that are free in a window, by the model's id. They are used up before the budget is.</summary>
    public IReadOnlyDictionary<string, long> FreeTokens { get; init; } = new Dictionary<string, long>();

    /// <summary>The budget as the domain takes it.</summary>
    /// <returns>The budget.</returns>
    public Budget ToBudget() => new(NanoUsd.FromUsd(Usd), Window)
    {
        Thresholds = Thresholds.SequenceEqual(Budget.DefaultThresholds) ? null : Thresholds,
        FreeTokens = FreeTokens.Count == 0 ? null : FreeTokens,
    };
}
