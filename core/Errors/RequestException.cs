namespace OrleansChat.Core.Errors;

/// <summary>The caller asked for something that cannot be given: a fault of the request, never of an upstream or of this server.</summary>
/// <param name="problem">What the client is told.</param>
/// <param name="cause">The failure behind it, kept for the log.</param>
public sealed class RequestException(Problem problem, Exception? cause = null) : OrleansChatException(problem, cause)
{
    /// <summary>A request that breaks a rule of the interface.</summary>
    /// <param name="field">The field at fault.</param>
    /// <param name="detail">The rule that it breaks.</param>
    /// <param name="suggestions">What to send instead.</param>
    /// <returns>The exception.</returns>
    public static RequestException Invalid(string field, string detail, params string[] suggestions) =>
        new(Problem.Of(ProblemCode.InvalidRequest, detail, suggestions) with { Subject = field });

    /// <summary>Something that is not there, or is not the caller's to see: both look the same.</summary>
    /// <param name="kind">What was looked for, such as <c>session</c>.</param>
    /// <param name="id">Its id as the caller gave it.</param>
    /// <returns>The exception.</returns>
    public static RequestException NotFound(string kind, string id) =>
        new(Problem.Of(ProblemCode.NotFound, $"There is no {kind} '{id}'.", "Check the id. What belongs to another API key looks the same as what is not there."));

    /// <summary>A collection that is not there. Collections belong to no key.</summary>
    /// <param name="name">Its name as the caller gave it.</param>
    /// <returns>The exception.</returns>
    public static RequestException NoCollection(string name) =>
        new(Problem.Of(ProblemCode.NotFound, $"There is no collection '{name}'.", "GET /api/collections lists those there are.", "PUT /api/collections/{name} makes one."));
}
