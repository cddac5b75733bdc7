namespace OrleansChat.Core.Costs.Alerts;

/// <summary>A way to tell others of a <see cref="BudgetAlert"/>, such as a webhook.</summary>
public interface IBudgetAlertChannel
{
    /// <summary>Tells of an event. After a failure, or a crash, it is told of again with the same id.</summary>
    /// <param name="alert">The event.</param>
    /// <param name="cancellationToken">Ends the try.</param>
    /// <returns>A task that fails when the event did not arrive.</returns>
    ValueTask SendAsync(BudgetAlert alert, CancellationToken cancellationToken);
}
