namespace OrleansChat.Core.Errors;

/// <summary>The root of every failure that this product raises: a problem for the client and the cause for the log.</summary>
/// <param name="problem">What the client is told.</param>
/// <param name="cause">The failure behind it, kept for the log.</param>
public class OrleansChatException(Problem problem, Exception? cause = null) : Exception(problem.Detail, cause)
{
    /// <summary>What the client is told.</summary>
    public Problem Problem { get; } = problem;

    /// <summary>The fallback that refuses instead of serving, as <see cref="Health.Fallbacks"/> names it; null where it is none.</summary>
    public string? Fallback { get; set; }
}
