using OrleansChat.Core.Errors;

namespace OrleansChat.Core.Answers;

/// <summary>A piece of an answer, or its end.</summary>
/// <param name="Offset">Bytes of the body before it.</param>
/// <param name="Head">How the answer begins.</param>
/// <param name="Bytes">The piece.</param>
public sealed record AnswerPart(long Offset, AnswerHead? Head, byte[] Bytes)
{
    /// <summary>How the answer ended, if this is its end.</summary>
    public AnswerEnd End { get; init; }

    /// <summary>Why it failed; null unless it did.</summary>
    public Problem? Failure { get; init; }

    /// <summary>An end.</summary>
    /// <param name="end">How it ended.</param>
    /// <param name="failure">Why it failed.</param>
    /// <returns>The part.</returns>
    public static AnswerPart Ended(AnswerEnd end, Problem? failure = null) => new(0, null, []) { End = end, Failure = failure };
}

/// <summary>How an answer ended.</summary>
public enum AnswerEnd
{
    /// <summary>It goes on.</summary>
    None,

    /// <summary>It is whole.</summary>
    Whole,

    /// <summary>It failed, and is not kept.</summary>
    Failed,

    /// <summary>It became too large to be kept or joined.</summary>
    TooLarge,

    /// <summary>Nobody knows of it, or its maker was not heard of for a whole lease.</summary>
    Lost,
}
