using OrleansChat.Core.Actors;

namespace OrleansChat.Core.RateLimiting;

/// <summary>The callers who wait in a <see cref="PatientLine"/>, and the clock by which it moves. Used on the actor's scheduler only.</summary>
/// <param name="line">The line.</param>
/// <param name="clock">The activation's clock.</param>
/// <param name="time">The source of time.</param>
/// <param name="move">Lets time pass for the whole scope, the line included.</param>
internal sealed class PatientCallers(PatientLine line, SteadyClock clock, TimeProvider time, Func<long> move)
{
    /// <summary>How long one call waits: less than any host takes for the death of the actor.</summary>
    private static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(1);

    private long _watchedUntil = long.MaxValue;

    /// <summary>Waits for a verdict.</summary>
    /// <param name="request">The request.</param>
    /// <param name="patience">How long it may wait, from its first call on.</param>
    /// <param name="cancellationToken">Gives the place up.</param>
    /// <returns>The verdict; null when there is none yet, and the caller should ask again.</returns>
    public async Task<LimitVerdict?> JoinAsync(RateLimitRequest request, TimeSpan patience, CancellationToken cancellationToken)
    {
        var now = clock.Now;
        var verdict = line.Join(request, now + patience.Ticks, now + LongestCall.Ticks + Leased.TentativeLease.Ticks);
        move();
        Watch();
        try
        {
            return await verdict.WaitAsync(LongestCall, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Its deadline may have come at this very moment.
            move();
            return verdict.IsCompleted ? await verdict : null;
        }
    }

    /// <summary>Lets those in whom the limits that hold now let in.</summary>
    /// <param name="request">A request that comes while they wait, and tells of the limits.</param>
    public void Hear(RateLimitRequest request)
    {
        if (!line.Hear(request))
            return;

        move();
        Watch();
    }

    /// <summary>Moves the line at the next moment at which it may, although nobody calls.</summary>
    private void Watch()
    {
        var now = clock.Now;
        var next = Math.Min(line.MovesAt(now), now + LongestCall.Ticks);
        if (!line.IsEmpty && next < _watchedUntil)
            _ = WatchAsync(next);
    }

    private async Task WatchAsync(long moment)
    {
        _watchedUntil = moment;
        await clock.UntilAsync(moment, CancellationToken.None);
        if (_watchedUntil == moment)
            _watchedUntil = long.MaxValue;

        move();
        Watch();
    }
}
