namespace OrleansChat.Core.Search.Code.Finding;

/// <summary>What a question about code is after.</summary>
public enum CodeIntent
{
    /// <summary>Where something is declared.</summary>
    Definition,

    /// <summary>Where something is used.</summary>
    Usage,

    /// <summary>Code that does what the question describes.</summary>
    Explanation,
}
