using Microsoft.Extensions.Logging;
using OrleansChat.Core.Actors;

namespace OrleansChat.Core.Sessions;

/// <summary>The session's lines in the lists that show it: its owner's and, while it is shared, its team's.</summary>
internal sealed partial class SessionListing(SessionStore store, IActorContext context, ILogger logger)
{
    private Task _listing = Task.CompletedTask;

    /// <summary>Refreshes the lines, beside whatever else happens.</summary>
    public void Refresh() => _listing = RefreshAsync(_listing);

    /// <summary>Refreshes the lines, durably.</summary>
    public async ValueTask PutAsync(CancellationToken cancellationToken)
    {
        var line = SessionViews.Line(store);
        await Owners.PutAsync(line, cancellationToken);
        if (store.Head.SharedWith is { } team)
            await Teams(team).PutAsync(line, cancellationToken);
    }

    /// <summary>Takes the session off the list of a team that it is no longer shared with, after what is under way.</summary>
    public async ValueTask WithdrawAsync(CancellationToken cancellationToken)
    {
        if (store.Head.WithdrawnFrom is not { } team)
            return;

        await _listing;
        await Teams(team).RemoveAsync(store.Id, cancellationToken);
        store.Head.WithdrawnFrom = null;
    }

    /// <summary>Takes the session off every list, after what is under way.</summary>
    public async ValueTask RemoveAsync(CancellationToken cancellationToken)
    {
        await _listing;
        await Owners.RemoveAsync(store.Id, cancellationToken);
        if ((store.Head.SharedWith ?? store.Head.WithdrawnFrom) is { } team)
            await Teams(team).RemoveAsync(store.Id, cancellationToken);
    }

    private ISessionIndexActor Owners => context.Actors.SessionIndex(store.Head.Owner!);

    private ISessionIndexActor Teams(string team) => context.Actors.SessionIndex(SessionLists.OfTeam(team));

    private async Task RefreshAsync(Task before)
    {
        try
        {
            await before;
            await PutAsync(CancellationToken.None);
        }
        catch (Exception fault)
        {
            LogNotListed(store.Id, fault);
        }
    }

    [LoggerMessage(304, LogLevel.Warning, "Session {Session} could not be listed; its line stays as it was until its next turn")]
    private partial void LogNotListed(string session, Exception fault);
}
