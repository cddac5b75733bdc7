using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;

namespace OrleansChat.Core.Sessions;

/// <summary>Makes and changes what a session's owner sets. A change that is refused leaves everything as it was.</summary>
internal sealed class SessionEditing(SessionStore store, SessionGuard guard, TimeProvider time)
{
    /// <summary>Gives a new session its owner and settings.</summary>
    /// <exception cref="RequestException">It is to be shared, and the owner has no team.</exception>
    public void Begin(ApiKey owner, SessionSettings settings)
    {
        var head = store.Head;
        head.SharedWith = settings.Shared ? TeamToShareWith(owner.Team) : null;
        head.Owner = owner.Id;
        head.Team = owner.Team;
        head.Settings = settings;
        head.CreatedAt = time.GetUtcNow();
        head.LastActiveAt = head.CreatedAt;
    }

    /// <summary>Changes settings; what is null stays.</summary>
    /// <exception cref="RequestException">There is no such message, a turn runs that a change of branch would pull away, or there is no team.</exception>
    public async ValueTask ChangeAsync(ApiKey caller, SessionChanges changes, CancellationToken cancellationToken)
    {
        // All that can be refused comes first.
        var head = store.Head;
        var leaf = changes.ActiveMessageId is { } branch ? await NewestAsync(branch, cancellationToken) : head.Leaf;
        var sharedWith = changes.Shared switch
        {
            null => head.SharedWith,
            false => null,
            true => head.SharedWith ?? TeamToShareWith(caller.Id == head.Owner ? caller.Team : head.Team),
        };

        head.Leaf = leaf;
        if (head.SharedWith != sharedWith)
        {
            head.WithdrawnFrom = sharedWith is null ? head.SharedWith : null;
            head.IndexedForTeam = default;
        }

        head.SharedWith = sharedWith;
        head.Settings = head.Settings with
        {
            Title = changes.Title ?? head.Settings.Title,
            Model = changes.Model ?? head.Settings.Model,
            SystemPrompt = changes.SystemPrompt ?? head.Settings.SystemPrompt,
            Collections = changes.Collections ?? head.Settings.Collections,
        };
        head.LastChangedAt = time.GetUtcNow();
    }

    private static string TeamToShareWith(string? team) =>
        team ?? throw RequestException.Invalid("shared", "The session's API key belongs to no team that it could be shared with.");

    private async ValueTask<string> NewestAsync(string messageId, CancellationToken cancellationToken)
    {
        guard.CheckIdle();
        return await store.Messages.NewestAfterAsync(messageId, cancellationToken) ?? throw RequestException.NotFound("message", messageId);
    }
}
