using Grpc.Core;
using OrleansChat.Core.Errors;

namespace OrleansChat.VectorQdrant.Connection;

/// <summary>Makes the errors of <c>core</c> from Qdrant's. What a caller can get wrong is checked before anything is sent.</summary>
internal static class QdrantFaults
{
    /// <summary>The error that stands for a failed call.</summary>
    public static Exception Translate(RpcException failure) => failure.StatusCode switch
    {
        StatusCode.NotFound => new QdrantNotFoundException(failure),
        StatusCode.Unauthenticated or StatusCode.PermissionDenied =>
            new StorageException("Qdrant refused this server's credentials; the operator should check OrleansChat:Qdrant:ApiKey.", failure),
        StatusCode.DeadlineExceeded => new StorageException("Qdrant did not answer in time.", failure),
        StatusCode.Unavailable => new StorageException("Qdrant cannot be reached.", failure),
        StatusCode.ResourceExhausted => new StorageException("Qdrant is out of memory, disk or quota, or refuses for load.", failure),
        StatusCode.InvalidArgument or StatusCode.FailedPrecondition or StatusCode.AlreadyExists =>
            new OrleansChatException(
                Problem.Of(ProblemCode.Internal, $"Qdrant refused an order: {failure.Status.Detail}", "Report this; repeating it will not help."),
                failure),
        StatusCode.Unimplemented => new StorageException("The Qdrant server is too old: version 1.16 or newer is needed.", failure),
        _ => new StorageException($"Qdrant failed with {failure.StatusCode}.", failure),
    };
}

/// <summary>Qdrant does not know the collection or alias; the store turns it into the error that names what the caller asked for.</summary>
/// <param name="cause">What Qdrant said.</param>
internal sealed class QdrantNotFoundException(RpcException cause) : Exception(cause.Status.Detail, cause);
