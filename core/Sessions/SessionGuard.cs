using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;

namespace OrleansChat.Core.Sessions;

/// <summary>Who may do what with a session. To a key that may not see it, it looks as though it did not exist.</summary>
internal sealed class SessionGuard(SessionStore store, SessionLife life)
{
    /// <summary>Lets the owner, admins and, where it is shared, the owner's team see the session and chat in it.</summary>
    /// <exception cref="RequestException"><c>not_found</c> for everybody else.</exception>
    public void CheckSees(ApiKey caller)
    {
        if (!Sees(caller))
            throw RequestException.NotFound("session", store.Id);
    }

    /// <summary>Whether a key may see the session.</summary>
    public bool Sees(ApiKey caller) =>
        store.Head is { Owner: not null, Deleting: false } && !life.IsExpired && (Owns(caller) || IsTeammate(caller));

    /// <summary>Lets the owner and admins change or delete the session.</summary>
    /// <exception cref="RequestException"><c>not_found</c> for a key that may not see it, <c>forbidden</c> for the rest of the team.</exception>
    public void CheckOwns(ApiKey caller)
    {
        CheckSees(caller);
        if (!Owns(caller))
            throw new RequestException(Problem.Of(
                ProblemCode.Forbidden,
                $"Session '{store.Id}' is shared with your team; only the key that made it may change or delete it.",
                "Export it and import the copy as your own."));
    }

    /// <summary>Refuses what cannot be done beside a running turn.</summary>
    /// <exception cref="RequestException"><c>turn_in_progress</c>.</exception>
    public void CheckIdle()
    {
        if (store.Head.Open is { } open)
            throw new RequestException(Problem.Of(
                ProblemCode.TurnInProgress,
                $"Turn '{open.TurnId}' of this session is still running.",
                $"Wait for its end: read the events of turn '{open.TurnId}'.",
                "Cancel it.") with
            { Subject = open.TurnId });
    }

    private bool Owns(ApiKey caller) => store.Head.Owner == caller.Id || caller.Admin;

    private bool IsTeammate(ApiKey caller) => store.Head.SharedWith is { } team && caller.Team == team;
}
