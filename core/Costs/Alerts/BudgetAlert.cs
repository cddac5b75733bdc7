namespace OrleansChat.Core.Costs.Alerts;

/// <summary>A scope's spend has reached a threshold of its budget. Raised once for each threshold of a window.</summary>
/// <param name="Id">Names the event; who is told twice knows it by this.</param>
/// <param name="Scope">The scope, such as <c>team:red</c>.</param>
/// <param name="Percent">The threshold, in percent of the limit.</param>
/// <param name="SpentNanoUsd">What was spent in the window when it was reached, in nano-dollars.</param>
/// <param name="LimitNanoUsd">The limit at that time, top-ups included, in nano-dollars.</param>
/// <param name="Window">The kind of window.</param>
/// <param name="WindowStart">The window's beginning; null for a total.</param>
/// <param name="WindowEnd">The window's end, exclusive; null for a total.</param>
/// <param name="RaisedAt">When it was reached, UTC.</param>
public sealed record BudgetAlert(
    string Id,
    string Scope,
    int Percent,
    long SpentNanoUsd,
    long LimitNanoUsd,
    BudgetWindow Window,
    DateTimeOffset? WindowStart,
    DateTimeOffset? WindowEnd,
    DateTimeOffset RaisedAt);
