using OrleansChat.Core.Admission;
using OrleansChat.Core.Sessions;

namespace OrleansChat.Core.Turns;

/// <summary>A turn to be run.</summary>
public sealed record TurnWork
{
    /// <summary>What it will do.</summary>
    public required TurnPlan Plan { get; init; }

    /// <summary>The attempt that begins, from 1.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>The admission of that attempt; null when it is still to be asked for.</summary>
    public AdmissionGrant? Grant { get; init; }

    /// <summary>The messages before the question, newest first.</summary>
    public required IAsyncEnumerable<SessionMessage> History { get; init; }
}
