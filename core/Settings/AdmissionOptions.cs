namespace OrleansChat.Core.Settings;

/// <summary>Passing requests through limits and budgets.</summary>
public sealed record AdmissionOptions
{
    /// <summary>What happens to a request while what was used cannot be counted: the journal or Redis is lost, or no silo answers.</summary>
    /// <value>The default is <c>Deny</c>.</value>
    public UncountedUse WithoutStore { get; init; } = UncountedUse.Deny;
}

/// <summary>What to do with a request that cannot be counted.</summary>
public enum UncountedUse
{
    /// <summary>It is refused with 503: no limit and no budget is ever passed.</summary>
    Deny,

    /// <summary>It is let through, and booked if the store is back when it ends: limits and budgets do not hold meanwhile.</summary>
    Allow,
}
