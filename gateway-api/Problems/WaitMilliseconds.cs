namespace OrleansChat.GatewayApi.Problems;

/// <summary>Waits in whole milliseconds, rounded up so that nobody comes too early.</summary>
internal static class WaitMilliseconds
{
    /// <summary>Rounds a wait up.</summary>
    /// <param name="seconds">The wait, a number of ticks of 100 ns.</param>
    /// <returns>Milliseconds.</returns>
    public static long Of(double seconds)
    {
        // 16.1 * 1000 is above 16,100 in floating point; ticks are whole numbers.
        var ticks = Math.Round(seconds * TimeSpan.TicksPerSecond);
        return (long)Math.Ceiling(ticks / TimeSpan.TicksPerMillisecond);
    }
}
