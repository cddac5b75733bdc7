namespace OrleansChat.Core.Costs;

/// <summary>An addition to a budget, for the window in which it is made.</summary>
/// <param name="OperationId">Names the operation; a repeat adds nothing.</param>
/// <param name="NanoUsd">What is added, in nano-dollars, above 0.</param>
/// <param name="By">The id of the API key that asked for it.</param>
public sealed record TopUp(string OperationId, long NanoUsd, string By)
{
    /// <summary>When it was made, UTC; set by the budget.</summary>
    public DateTimeOffset At { get; init; }
}

/// <summary>The latest top-ups of a budget.</summary>
/// <param name="Items">The top-ups, oldest first.</param>
public sealed record TopUpList(IReadOnlyList<TopUp> Items);
