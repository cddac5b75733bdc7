namespace OrleansChat.Core.Turns;

/// <summary>Where a turn stands.</summary>
public enum TurnStatus
{
    /// <summary>Under way.</summary>
    Processing,

    /// <summary>Answered in full.</summary>
    Completed,

    /// <summary>Stopped at the caller's wish; what was produced is kept and billed.</summary>
    Cancelled,

    /// <summary>Ended by a problem.</summary>
    Failed,

    /// <summary>Its host died twice; what is left is what was durable.</summary>
    Interrupted,
}
