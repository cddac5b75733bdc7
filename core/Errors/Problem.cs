using System.Text.Json.Serialization;

namespace OrleansChat.Core.Errors;

/// <summary>A failure as a client sees it; the gateway writes it as an RFC 9457 problem.</summary>
public sealed record Problem
{
    /// <summary>A <see cref="ProblemCode"/>'s name.</summary>
    public required string Code { get; init; }

    /// <summary>One sentence on what went wrong this time, free of secrets.</summary>
    public required string Detail { get; init; }

    /// <summary>What the caller can do about it, most useful first.</summary>
    public IReadOnlyList<string> Suggestions { get; init; } = [];

    /// <summary>Seconds until a retry can pass, to the clock's resolution; null where waiting does not help.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? RetryAfterSeconds { get; init; }

    /// <summary>The field, scope or limit that the problem is about, such as <c>message</c> or <c>key:team-a requestsPerMinute</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Subject { get; init; }

    /// <summary>The HTTP status that goes with <see cref="Code"/>.</summary>
    [JsonIgnore]
    public int Status => ProblemCode.Named(Code).Status;

    /// <summary>A problem with the given code.</summary>
    /// <param name="code">Its kind.</param>
    /// <param name="detail">What went wrong this time.</param>
    /// <param name="suggestions">What the caller can do.</param>
    /// <returns>The problem.</returns>
    public static Problem Of(ProblemCode code, string detail, params string[] suggestions) =>
        new() { Code = code.Name, Detail = detail, Suggestions = suggestions };
}
