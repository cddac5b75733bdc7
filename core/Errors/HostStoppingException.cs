namespace OrleansChat.Core.Errors;

/// <summary>This host is about to stop and begins nothing new; nothing has happened. The actor answers again from another host, or after the restart.</summary>
public sealed class HostStoppingException() : OrleansChatException(
    Problem.Of(ProblemCode.UpstreamUnavailable, "The server is stopping and begins no new turn.", "Try again with the same operation id.") with
    {
        RetryAfterSeconds = RetrySeconds,
    })
{
    /// <summary>How long a caller is told to wait, in seconds.</summary>
    public const double RetrySeconds = 1;
}
