namespace OrleansChat.Core.Errors;

/// <summary>An upstream failed. Every HTTP or vendor failure becomes one at the edge and keeps its cause.</summary>
/// <param name="upstream">The upstream's id.</param>
/// <param name="failure">How it failed.</param>
/// <param name="problem">What the client is told.</param>
/// <param name="cause">The failure behind it, kept for the log.</param>
public sealed class UpstreamException(string upstream, UpstreamFailure failure, Problem problem, Exception? cause) : OrleansChatException(problem, cause)
{
    /// <summary>A failure whose problem follows from its kind.</summary>
    /// <param name="upstream">The upstream's id.</param>
    /// <param name="failure">How it failed.</param>
    /// <param name="detail">What happened, free of secrets.</param>
    /// <param name="cause">The failure behind it, kept for the log.</param>
    public UpstreamException(string upstream, UpstreamFailure failure, string detail, Exception? cause = null)
        : this(upstream, failure, ProblemOf(upstream, failure, detail), cause)
    {
    }

    /// <summary>The upstream's id.</summary>
    public string Upstream { get; } = upstream;

    /// <summary>How it failed.</summary>
    public UpstreamFailure Failure { get; } = failure;

    /// <summary>The HTTP status that it answered with; null when it gave none.</summary>
    public int? StatusCode { get; init; }

    /// <summary>How long the upstream asked to be left alone; null when it did not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether another upstream of the route may be tried: everything but the caller's own mistake.</summary>
    public bool MayTryNext => Failure is not UpstreamFailure.InvalidRequest;

    private static Problem ProblemOf(string upstream, UpstreamFailure failure, string detail) => failure switch
    {
        UpstreamFailure.InvalidRequest => Problem.Of(
            ProblemCode.InvalidRequest, $"Upstream '{upstream}' refused the request: {detail}", "Correct the request as the upstream says."),
        UpstreamFailure.Timeout => Problem.Of(
            ProblemCode.UpstreamTimeout, $"Upstream '{upstream}' did not answer in time: {detail}", "Try again, or choose another model."),
        UpstreamFailure.Connection or UpstreamFailure.RateLimited or UpstreamFailure.CircuitOpen => Problem.Of(
            ProblemCode.UpstreamUnavailable, $"Upstream '{upstream}' is not available: {detail}", "Try again later, or choose another model."),
        UpstreamFailure.Unauthorized => Problem.Of(
            ProblemCode.UpstreamError, $"Upstream '{upstream}' refused this server's credentials.", "Ask the operator to check the upstream's ApiKey."),
        _ => Problem.Of(ProblemCode.UpstreamError, $"Upstream '{upstream}' failed: {detail}", "Try again, or choose another model."),
    };
}
