namespace OrleansChat.Core.Sessions.Responses;

/// <summary>A question and its answer that no turn of the session made, to be kept in its tree: a response of the Responses API.</summary>
public sealed record RecordedResponse
{
    /// <summary>The response's id, which its session's id can be read from.</summary>
    public required string Id { get; init; }

    /// <summary>The response that it follows; null to begin at the root.</summary>
    public string? PreviousId { get; init; }

    /// <summary>The question's text, for people.</summary>
    public required string Question { get; init; }

    /// <summary>The question as it came: a JSON array of items.</summary>
    public required string QuestionItems { get; init; }

    /// <summary>The answer's text, for people.</summary>
    public required string Answer { get; init; }

    /// <summary>The answer as it was given: a JSON object, the response.</summary>
    public required string AnswerItems { get; init; }
}
