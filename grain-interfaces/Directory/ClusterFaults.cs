using Orleans.Serialization;
using Orleans.Storage;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Errors;

namespace OrleansChat.GrainInterfaces.Directory;

/// <summary>Tells the failures of the cluster itself from those of an actor, and turns both into the product's own.</summary>
internal static class ClusterFaults
{
    /// <summary>How long a client is told to wait: a dead silo is noticed and its actors are elsewhere by then, in seconds.</summary>
    private const double RetrySeconds = 2;

    /// <summary>
    /// Whether the call may not have reached its actor or its answer may be lost: a silo died, is starting or stopping, or did not answer
    /// in time. Whether it took effect is unknown.
    /// </summary>
    /// <param name="fault">What the call failed with.</param>
    /// <param name="cancellationToken">The caller's own: who gave up is not served again.</param>
    public static bool IsTransient(Exception fault, CancellationToken cancellationToken) => fault switch
    {
        InconsistentStateException or LimitExceededException or GatewayTooBusyException => false,
        OperationCanceledException => !cancellationToken.IsCancellationRequested,
        OrleansException => FindOwn(fault) is null,
        TimeoutException or EnumerationAbortedException => true,
        _ => false,
    };

    /// <summary>Whether the activation that answered was not the actor's owner any more: its write was refused, nothing took effect.</summary>
    public static bool IsStale(Exception fault) => fault is StorageException { InnerException: InconsistentStateException };

    /// <summary>
    /// What a caller is told: the actor's own failure wherever Orleans has wrapped it, as when an activation could not read its state; otherwise
    /// that the cluster does not answer, or not in a form that this process can read.
    /// </summary>
    public static OrleansChatException Translate(Exception fault) => FindOwn(fault) ?? fault switch
    {
        LimitExceededException or GatewayTooBusyException => ActorOverload.Refuse(fault),
        SerializerException or TypeLoadException or FileNotFoundException or FileLoadException => Unreadable(fault),
        OrleansException or TimeoutException or OperationCanceledException or EnumerationAbortedException => Unavailable(fault),
        _ => new OrleansChatException(
            Problem.Of(ProblemCode.Internal, "The cluster failed on this call.", "Try again.", "Report the correlation id to the operator; the log has the cause."),
            fault),
    };

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

    private static OrleansChatException Unreadable(Exception fault) => new(
        Problem.Of(
            ProblemCode.UpstreamUnavailable,
            "The cluster answered in a form that this gateway does not know: their versions do not fit together.",
            "Try again when the upgrade is over.",
            "Tell the operator to run silos and gateways of neighbouring versions.") with
        {
            RetryAfterSeconds = RetrySeconds,
        },
        fault);

    private static OrleansChatException? FindOwn(Exception? fault)
    {
        while (fault is not null and not OrleansChatException)
            fault = fault.InnerException;

        return (OrleansChatException?)fault;
    }
}
