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

    /// <summary>Completes at a moment, on the caller's scheduler.</summary>
    /// <param name="moment">The moment in ticks of <see cref="Now"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task.</returns>
    public Task UntilAsync(long moment, CancellationToken cancellationToken) =>
        Task.Delay(TimeSpan.FromTicks(Math.Max(0, moment - Now)), time, cancellationToken);
}
