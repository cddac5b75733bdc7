using Microsoft.Extensions.Hosting;
using OrleansChat.Core.Errors;

namespace OrleansChat.GatewayApi.Draining;

/// <summary>Closed from the order to stop on: what runs goes on to its end, nothing new begins.</summary>
internal sealed class DrainGate(IHostApplicationLifetime lifetime)
{
    private const double RetrySeconds = 5;

    /// <summary>Cancelled with the order to stop.</summary>
    public CancellationToken Closing => lifetime.ApplicationStopping;

    /// <summary>Whether the order to stop has come.</summary>
    public bool IsClosed => Closing.IsCancellationRequested;

    /// <summary>What a client is told after the order to stop.</summary>
    public static Problem Problem { get; } = Core.Errors.Problem.Of(
        ProblemCode.UpstreamUnavailable, "The server is going down and takes no new work.", "Try again in a few seconds.") with
    {
        RetryAfterSeconds = RetrySeconds,
    };

    /// <summary>Lets new work in.</summary>
    /// <exception cref="RequestException">The order to stop has come.</exception>
    public void Enter()
    {
        if (IsClosed)
            throw new RequestException(Problem);
    }
}
