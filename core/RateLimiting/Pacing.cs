namespace OrleansChat.Core.RateLimiting;

/// <summary>How requests are spread within a limit.</summary>
public enum Pacing
{
    /// <summary>Any spread, as long as every sliding window holds.</summary>
    Window,

    /// <summary>Spaced evenly by the generic cell rate algorithm, with a burst.</summary>
    Smooth,
}
