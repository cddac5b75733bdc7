namespace OrleansChat.Core.Answers;

/// <summary>The stored value of an answer that is kept to be repeated.</summary>
public sealed class KeptAnswer
{
    /// <summary>How it begins.</summary>
    public AnswerHead Head { get; set; } = new(200, null);

    /// <summary>Its body, byte by byte.</summary>
    public byte[] Body { get; set; } = [];
}
