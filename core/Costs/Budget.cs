namespace OrleansChat.Core.Costs;

/// <summary>How much may be spent in a window.</summary>
/// <param name="LimitNanoUsd">The limit in nano-dollars, at least 0.</param>
/// <param name="Window">The window that it holds for.</param>
public sealed record Budget(long LimitNanoUsd, BudgetWindow Window);
