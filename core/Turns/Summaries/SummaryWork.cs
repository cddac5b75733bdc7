using OrleansChat.Core.Sessions;

namespace OrleansChat.Core.Turns.Summaries;

/// <summary>A summary to be written.</summary>
public sealed record SummaryWork
{
    /// <summary>The turn whose context left messages out; its caller pays.</summary>
    public required TurnPlan Plan { get; init; }

    /// <summary>The active path, newest first.</summary>
    public required IAsyncEnumerable<SessionMessage> Path { get; init; }

    /// <summary>The summary so far; null for none.</summary>
    public ConversationSummary? Before { get; init; }
}
