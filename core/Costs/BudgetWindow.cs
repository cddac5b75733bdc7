namespace OrleansChat.Core.Costs;

/// <summary>The window of a budget; calendar windows begin at midnight of the configured time zone.</summary>
public enum BudgetWindow
{
    /// <summary>A calendar day.</summary>
    Day,

    /// <summary>A week from Monday on.</summary>
    Week,

    /// <summary>A calendar month.</summary>
    Month,

    /// <summary>For ever.</summary>
    Total,
}
