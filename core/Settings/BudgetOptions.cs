using System.ComponentModel.DataAnnotations;
using OrleansChat.Core.Costs;

namespace OrleansChat.Core.Settings;

/// <summary>A budget.</summary>
public sealed record BudgetOptions
{
    /// <summary>US dollars in a window.</summary>
    [Range(0, 1_000_000_000)]
    public decimal Usd { get; init; }

    /// <summary>The window.</summary>
    /// <value>The default is <see cref="BudgetWindow.Month"/>.</value>
    public BudgetWindow Window { get; init; } = BudgetWindow.Month;

    /// <summary>The budget as the domain takes it.</summary>
    /// <returns>The budget.</returns>
    public Budget ToBudget() => new(NanoUsd.FromUsd(Usd), Window);
}
