using System.ComponentModel.DataAnnotations;

namespace OrleansChat.Core.Settings;

/// <summary>Who is told when a budget's threshold is reached, beside the log and the metrics.</summary>
public sealed record BudgetAlertOptions
{
    /// <summary>The address that events are posted to as JSON; null for none. No redirect is followed.</summary>
    public string? Webhook { get; init; }

    /// <summary>
    /// What events are signed with, as <c>env:NAME</c>, <c>file:/path</c> or itself; one that begins with <c>whsec_</c> is base64 after that, as
    /// Standard Webhooks writes it.
    /// </summary>
    public string? Secret { get; init; }

    /// <summary>How long the receiver may take to answer.</summary>
    /// <value>The default is 10 seconds.</value>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often an event is sent until it is taken, after pauses of 1, 2, 4 seconds and so on up to a minute.</summary>
    /// <value>The default is 8.</value>
    [Range(1, 100)]
    public int Attempts { get; init; } = 8;

    /// <summary>Its name alone: a record would print its secret.</summary>
    /// <returns>The name.</returns>
    public override string ToString() => "budget alerts";
}
