using OrleansChat.Core.Errors;

namespace OrleansChat.Standalone.Journal;

/// <summary>
/// A fault of the journal. <see cref="Message"/> is for the operator: it says what happened, where, and what to do. The problem that a
/// client may see names neither files nor keys.
/// </summary>
public abstract class JournalException : OrleansChatException
{
    private protected JournalException(string message, Exception? cause = null)
        : base(
            Problem.Of(ProblemCode.UpstreamUnavailable, "The server's journal could not serve this call.",
                "Try again; if it goes on, ask the operator to look at the server's log."),
            cause) => Message = message;

    /// <inheritdoc/>
    public override string Message { get; }
}
