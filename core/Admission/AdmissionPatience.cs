using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Admission;

/// <summary>
/// Waits instead of being refused, where the limits that refuse allow it (<see cref="RateLimits.MaxWait"/>). Nothing is held
/// while it waits; whoever wins a place passes through all scopes anew.
/// </summary>
/// <param name="round">The passes.</param>
/// <param name="time">The source of time.</param>
/// <param name="work">What is told while it waits; null for nobody.</param>
internal sealed class AdmissionPatience(AdmissionRound round, TimeProvider time, UpstreamWait? work)
{
    /// <summary>How long it has waited.</summary>
    public TimeSpan Waited { get; private set; }

    /// <summary>Asks every scope until all admit, or the limit that refuses does not allow to wait any longer.</summary>
    /// <param name="cancellationToken">Ends the wait; what was granted is taken back.</param>
    /// <returns>Null when all admitted; otherwise the refusal, with nothing held.</returns>
    public async ValueTask<RoundRefusal?> RunAsync(CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        for (; ; )
        {
            var refusal = await round.RunAsync(cancellationToken);
            if (refusal?.Limit is not { Ask: { Limits.MaxWait: { } wait } ask, RetryAfter: { } retry })
                return refusal;

            // What cannot pass by then, even alone, is not kept waiting for nothing.
            var most = wait < RateLimitRequest.LongestWait ? wait : RateLimitRequest.LongestWait;
            var left = most - time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero || (retry > left && !LimitName.MayFreeEarly(refusal.Limit.Limit)))
                return refusal;

            await WaitAsync(ask, left, cancellationToken);
        }
    }

    private async ValueTask WaitAsync(LimitAsk ask, TimeSpan left, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        work?.Pause();
        try
        {
            await round.WaitAsync(ask, left, cancellationToken);
        }
        finally
        {
            work?.Resume();
            Waited += time.GetElapsedTime(began);
        }
    }
}
