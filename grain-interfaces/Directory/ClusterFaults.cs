using Orleans.Storage;
using OrleansChat.Core.Errors;

namespace OrleansChat.GrainInterfaces.Directory;

/// <summary>Tells the failures of the cluster itself from those of an actor.</summary>
internal static class ClusterFaults
{
    /// <summary>How long a client is told to wait: a dead silo is noticed and its actors are elsewhere by then, in seconds.</summary>
    private const double RetrySeconds = 2;

    /// <summary>
    /// Whether the call may not have reached its actor or its answer may be lost: a silo died, is starting or stopping, or did not answer
    /// in time. Whether it took effect is unknown.
    /// </summary>
    public static bool IsTransient(Exception fault) =>
        fault is TimeoutException or EnumerationAbortedException or OrleansException and not InconsistentStateException;

    /// <summary>Whether the activation that answered was not the actor's owner any more: its write was refused, nothing took effect.</summary>
    public static bool IsStale(Exception fault) => fault is StorageException { InnerException: InconsistentStateException };

    /// <summary>What a caller is told when the cluster goes on not answering.</summary>
    public static OrleansChatException Unavailable(Exception fault) => new(
        Problem.Of(
            ProblemCode.UpstreamUnavailable,
            "The cluster does not answer.",
            "Try again with the same operation id; a repeat changes nothing.") with
        {
            RetryAfterSeconds = RetrySeconds,
        },
        fault);
}
