namespace OrleansChat.Core.Errors;

/// <summary>The kinds of problem that a client can see: a stable name, its HTTP status and a short title.</summary>
/// <param name="Name">The value of a problem's <c>code</c>; clients branch on it, so it never changes.</param>
/// <param name="Status">The HTTP status that goes with the code.</param>
/// <param name="Title">A few words for people.</param>
public sealed record ProblemCode(string Name, int Status, string Title)
{
    /// <summary>The request breaks a rule of the interface.</summary>
    public static readonly ProblemCode InvalidRequest = new("invalid_request", 400, "Invalid request");

    /// <summary>No key, or a key that is not known.</summary>
    public static readonly ProblemCode Unauthenticated = new("unauthenticated", 401, "Unauthenticated");

    /// <summary>A budget cannot carry the request.</summary>
    public static readonly ProblemCode BudgetExceeded = new("budget_exceeded", 402, "Budget exceeded");

    /// <summary>The key may not do this.</summary>
    public static readonly ProblemCode Forbidden = new("forbidden", 403, "Forbidden");

    /// <summary>There is no such thing, or it belongs to somebody else.</summary>
    public static readonly ProblemCode NotFound = new("not_found", 404, "Not found");

    /// <summary>The session is busy with another turn.</summary>
    public static readonly ProblemCode TurnInProgress = new("turn_in_progress", 409, "Turn in progress");

    /// <summary>The request is larger than the gateway takes.</summary>
    public static readonly ProblemCode TooLarge = new("too_large", 413, "Too large");

    /// <summary>A rate limit is reached.</summary>
    public static readonly ProblemCode RateLimited = new("rate_limited", 429, "Rate limited");

    /// <summary>A fault of this server.</summary>
    public static readonly ProblemCode Internal = new("internal", 500, "Internal error");

    /// <summary>The upstream answered with an error or broke its protocol.</summary>
    public static readonly ProblemCode UpstreamError = new("upstream_error", 502, "Upstream error");

    /// <summary>No upstream of the route, or no store behind an actor, can be reached now.</summary>
    public static readonly ProblemCode UpstreamUnavailable = new("upstream_unavailable", 503, "Upstream unavailable");

    /// <summary>The upstream did not answer in time.</summary>
    public static readonly ProblemCode UpstreamTimeout = new("upstream_timeout", 504, "Upstream timeout");

    /// <summary>All codes, in order of their status.</summary>
    public static IReadOnlyList<ProblemCode> All { get; } =
    [
        InvalidRequest, Unauthenticated, BudgetExceeded, Forbidden, NotFound, TurnInProgress, TooLarge,
        RateLimited, Internal, UpstreamError, UpstreamUnavailable, UpstreamTimeout,
    ];

    /// <summary>The code of that name.</summary>
    /// <param name="name">One of <see cref="All"/>'s names.</param>
    /// <returns>The code; <see cref="Internal"/> for a name that is not known, as a newer peer may send one.</returns>
    public static ProblemCode Named(string name) => All.FirstOrDefault(code => code.Name == name) ?? Internal;
}
