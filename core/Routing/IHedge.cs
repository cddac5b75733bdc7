using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Routing;

/// <summary>The second call of a hedged one, as its caller pays for it: an operation of its own, admitted and settled like any other.</summary>
/// <typeparam name="T">What an open call is to the caller.</typeparam>
public interface IHedge<T>
{
    /// <summary>Asks the limits and budgets for a second call.</summary>
    /// <param name="cancellationToken">Ends the wait; what was granted is then taken back.</param>
    /// <returns>The second operation's id; null where it was refused, so that one call has to do.</returns>
    ValueTask<string?> AdmitAsync(CancellationToken cancellationToken);

    /// <summary>Settles the call that is not used. It has been stopped.</summary>
    /// <param name="lost">The call.</param>
    /// <returns>A task.</returns>
    ValueTask LostAsync(LostCall<T> lost);
}

/// <summary>The call of two that is not used.</summary>
/// <typeparam name="T">What an open call is to the caller.</typeparam>
/// <param name="OperationId">The operation.</param>
/// <param name="Asked">The target that can have had the prompt, which upstreams charge for; null when none can.</param>
/// <param name="Opened">The open call, where both opened at once; it has been disposed of.</param>
public sealed record LostCall<T>(string OperationId, UpstreamTarget? Asked, T? Opened);
