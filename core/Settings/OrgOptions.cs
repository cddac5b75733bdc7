namespace OrleansChat.Core.Settings;

/// <summary>The whole organisation.</summary>
public sealed record OrgOptions
{
    /// <summary>The budget that all keys share; null for none.</summary>
    public BudgetOptions? Budget { get; init; }

    /// <summary>The time zone in which the days, weeks and months of all budgets begin, by its IANA name.</summary>
    /// <value>The default is <c>UTC</c>.</value>
    public string TimeZone { get; init; } = "UTC";
}
