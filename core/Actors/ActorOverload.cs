using OrleansChat.Core.Errors;

namespace OrleansChat.Core.Actors;

/// <summary>The bound of an actor's mailbox. Calls beyond it are refused in both hosts, before anything has happened.</summary>
public static class ActorOverload
{
    /// <summary>Calls that wait for one actor, at most: more than a gateway lets in at a time, and far less than what fills the memory.</summary>
    public const int MostCalls = 10_000;

    private const double RetrySeconds = 1;

    /// <summary>The refusal: a fault of nobody, and no sign that the store is lost.</summary>
    /// <param name="cause">The failure behind it, kept for the log.</param>
    /// <returns>The exception, with code <c>upstream_unavailable</c> and a time to retry.</returns>
    public static RequestException Refuse(Exception? cause = null) => new(
        Problem.Of(
            ProblemCode.UpstreamUnavailable,
            "Too many requests wait for the same key, session or model.",
            "Try again after the time given, with the same operation id; nothing has happened.") with
        {
            RetryAfterSeconds = RetrySeconds,
        },
        cause);
}
