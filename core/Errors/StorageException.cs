namespace OrleansChat.Core.Errors;

/// <summary>State could not be read or written, so the call took no durable effect. Nothing of it was acknowledged.</summary>
/// <param name="detail">What happened.</param>
/// <param name="cause">The failure behind it, kept for the log.</param>
public sealed class StorageException(string detail, Exception? cause = null)
    : OrleansChatException(
        Problem.Of(ProblemCode.UpstreamUnavailable, detail, "Try again with the same operation id; a repeat changes nothing.") with { RetryAfterSeconds = RetrySeconds },
        cause)
{
    /// <summary>How long a caller is told to wait: a journal's compaction or a store's failover is over by then, in seconds.</summary>
    public const double RetrySeconds = 1;
}
