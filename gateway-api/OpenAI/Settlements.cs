using OrleansChat.Core.Admission;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.GatewayApi.OpenAI;

/// <summary>
/// The settlements under way of calls whose answers have been given. Where scopes hear of a settlement at once, all that is left is its way to the disk,
/// for which neither the answer nor the connection's next request has to wait. How many there may be is bounded, so that a disk that stands still
/// makes requests wait instead of filling the memory.
/// </summary>
internal sealed class Settlements(Metering metering, IAdmission admission)
{
    /// <summary>Enough for a flush of a slow disk under full load; each holds its entries, about a kilobyte, in memory.</summary>
    private const int Most = 4_096;

    private int _underWay;

    /// <summary>Whether a request is to wait for its settlement.</summary>
    public bool IsToBeAwaited => !admission.HearsAtOnce || Volatile.Read(ref _underWay) > Most;

    /// <summary>Books what a call used.</summary>
    /// <param name="grant">What admitted it.</param>
    /// <param name="usage">The tokens.</param>
    /// <param name="target">The upstream that was asked.</param>
    /// <param name="isAwaited">Whether somebody waits for it, so that it is not put off to share writes with others.</param>
    /// <returns>The cost in nano-dollars once it is durable; null where it could not be booked. Does not fail.</returns>
    public Task<long?> Begin(AdmissionGrant grant, TokenUsage usage, UpstreamTarget target, bool isAwaited)
    {
        Interlocked.Increment(ref _underWay);
        return SettleAsync(isAwaited ? grant : grant with { MayShareWrites = true }, usage, target);
    }

    private async Task<long?> SettleAsync(AdmissionGrant grant, TokenUsage usage, UpstreamTarget target)
    {
        try
        {
            return await metering.SettleAsync(grant, usage, target);
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }
}
