namespace OrleansChat.Core.CircuitBreaking;

/// <summary>A change of a breaker's state.</summary>
/// <param name="At">When.</param>
/// <param name="State">The state from then on.</param>
/// <param name="Cause">What brought it about.</param>
/// <param name="RetryAt">When calls may pass again by time alone; null where time alone does nothing.</param>
/// <param name="By">The admin who brought it about, for admins' eyes alone; null where nobody did.</param>
public sealed record BreakerTransition(DateTimeOffset At, BreakerState State, string Cause, DateTimeOffset? RetryAt = null, string? By = null);

/// <summary>The last changes of a breaker, oldest first.</summary>
/// <param name="Transitions">The changes, <see cref="Most"/> at most.</param>
public sealed record BreakerHistory(IReadOnlyList<BreakerTransition> Transitions)
{
    /// <summary>The changes that are kept.</summary>
    public const int Most = 50;
}
