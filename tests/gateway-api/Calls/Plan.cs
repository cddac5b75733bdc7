namespace OrleansChat.GatewayApi.Tests.Calls;

/// <summary>What an upstream does with one call.</summary>
internal sealed record Plan(Fate Fate, int Pieces, long Input, long Output)
{
    /// <summary>Where a call waits that waits before it has sent anything.</summary>
    public const int BeforeAnything = -1;

    /// <summary>Pieces after which it goes wrong, where it does.</summary>
    public int FaultAfter { get; init; }

    /// <summary>Pieces after which it waits until the round goes on; null where it does not wait.</summary>
    public int? HoldsAfter { get; init; }
}

/// <summary>How a call ends upstream.</summary>
internal enum Fate
{
    /// <summary>Whole, with its usage.</summary>
    Answers,

    /// <summary>Whole, without a word about its usage.</summary>
    HidesUsage,

    /// <summary>Whole, with a usage that no call can have.</summary>
    ClaimsTheImpossible,

    /// <summary>Whole, with a usage above all that was set aside.</summary>
    ClaimsMore,

    /// <summary>With 500.</summary>
    Refuses,

    /// <summary>With 429 and a time to come again.</summary>
    Limits,

    /// <summary>The connection is closed without an answer.</summary>
    Drops,

    /// <summary>Nothing comes until the gateway leaves.</summary>
    IsSilent,

    /// <summary>The connection is closed in the middle.</summary>
    Breaks,

    /// <summary>A stream ends with an error; an answer in one piece is one.</summary>
    EndsWithAnError,

    /// <summary>Nothing more comes in the middle until the gateway leaves.</summary>
    FallsSilent,
}
