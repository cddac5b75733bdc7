namespace OrleansChat.Core.Costs.Alerts;

/// <summary>A threshold that was reached, as it is stored: it is not raised again in its window, whatever becomes of the activation.</summary>
/// <param name="Percent">The threshold, in percent of the limit.</param>
/// <param name="Window">The kind of window.</param>
/// <param name="FirstDay">The window's first day, as <see cref="DateOnly.DayNumber"/> in the time zone of budgets.</param>
/// <param name="SpentNanoUsd">What was spent when it was reached, in nano-dollars.</param>
/// <param name="LimitNanoUsd">The limit at that time, in nano-dollars.</param>
/// <param name="At">When it was reached, UTC.</param>
public sealed record RaisedThreshold(int Percent, BudgetWindow Window, int FirstDay, long SpentNanoUsd, long LimitNanoUsd, DateTimeOffset At)
{
    /// <summary>Whether all who are to know have been told.</summary>
    public bool IsTold { get; init; }
}
