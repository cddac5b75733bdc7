using System.ComponentModel.DataAnnotations;

namespace OrleansChat.Core.Settings;

/// <summary>The ledgers of keys, teams, the organisation and sessions.</summary>
public sealed record LedgerOptions
{
    /// <summary>
    /// Days for which single settlements are kept. Then sums take their place, one for each day, key, team, model and upstream, so that ledgers stay exact and stop growing
    /// with every request.
    /// </summary>
    /// <value>The default is 400, a year and a month; 0 keeps every settlement for ever.</value>
    [Range(0, 36_500)]
    public int RetentionDays { get; init; } = 400;
}
