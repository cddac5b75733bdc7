namespace OrleansChat.Core.Turns.Context;

/// <summary>How much of a conversation a context holds.</summary>
internal enum ContextCoverage
{
    /// <summary>Every message.</summary>
    Whole,

    /// <summary>The newest messages, and a summary of all before them.</summary>
    Summarized,

    /// <summary>The newest messages; of what was left out, some or all is in no summary.</summary>
    Partial,
}
