namespace OrleansChat.Core.Actors;

/// <summary>
/// The time since an activation began, placed on the UTC scale: it never jumps or runs backwards, whatever is done to the machine's clock.
/// </summary>
/// <param name="time">The source of time.</param>
internal sealed class SteadyClock(TimeProvider time)
{
    private readonly long _started = time.GetTimestamp();
    private readonly long _startedUtc = time.GetUtcNow().UtcTicks;

    /// <summary>Now, in ticks of UTC as it was counted from the activation's beginning.</summary>
    public long Now => _startedUtc + time.GetElapsedTime(_started).Ticks;

    /// <summary>Completes at a moment, on the caller's scheduler, or less than a millisecond after it: never before it.</summary>
    /// <param name="moment">The moment in ticks of <see cref="Now"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task.</returns>
    public Task UntilAsync(long moment, CancellationToken cancellationToken) =>
        Task.Delay(WholeMilliseconds(TimeSpan.FromTicks(Math.Max(0, moment - Now))), time, cancellationToken);

    /// <summary>
    /// A wait that timers keep. They cut off what is not a whole millisecond: whoever waits again until the moment has come would find a wait of nothing,
    /// again and again, without ever leaving his thread.
    /// </summary>
    /// <param name="wait">The wait.</param>
    /// <returns>The wait in whole milliseconds, rounded up.</returns>
    public static TimeSpan WholeMilliseconds(TimeSpan wait) => TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));
}
