using OrleansChat.Core.Actors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Sessions.Search;

namespace OrleansChat.Core.Sessions;

/// <summary>The lists of sessions that a key may see: its own, and what its team shares.</summary>
public static class SessionLists
{
    /// <summary>The name of the list of what a team shares. No key can have it as its id: ids hold no colon.</summary>
    /// <param name="team">The team.</param>
    /// <returns>The key of its <see cref="ISessionIndexActor"/>.</returns>
    public static string OfTeam(string team) => $"team:{team}";

    /// <summary>A page of all sessions that a key may see, most recently used first.</summary>
    /// <param name="actors">The actors.</param>
    /// <param name="caller">The key that asks.</param>
    /// <param name="limit">Lines on the page, 1 to 200.</param>
    /// <param name="cursor">The last page's cursor; null for the first page.</param>
    /// <param name="query">Words that must occur in the title or in what was said; null for all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The page.</returns>
    /// <exception cref="Errors.RequestException">The cursor is not one of this list's.</exception>
    public static async ValueTask<SessionPage> ListAsync(
        IActorDirectory actors, ApiKey caller, int limit, string? cursor, string? query, CancellationToken cancellationToken)
    {
        var page = await FindAsync(actors, caller, limit, cursor, query, cancellationToken);
        return query is null ? page : await ConversationQuotes.AddAsync(actors, caller, page, query, cancellationToken);
    }

    private static async ValueTask<SessionPage> FindAsync(
        IActorDirectory actors, ApiKey caller, int limit, string? cursor, string? query, CancellationToken cancellationToken)
    {
        var own = actors.SessionIndex(caller.Id).ListAsync(limit, cursor, query, cancellationToken);
        if (caller.Team is null)
            return await own;

        var shared = await actors.SessionIndex(OfTeam(caller.Team)).ListAsync(limit, cursor, query, cancellationToken);
        return Merge(await own, shared, limit);
    }

    /// <summary>Both lists have the same order, so the first lines of both together are among the first of each.</summary>
    private static SessionPage Merge(SessionPage own, SessionPage shared, int limit)
    {
        var known = own.Items.Select(line => line.Id).ToHashSet(StringComparer.Ordinal);
        var merged = own.Items.Concat(shared.Items.Where(line => !known.Contains(line.Id))).OrderBy(SessionCursor.Of).ToList();
        var more = merged.Count > limit || own.NextCursor is not null || shared.NextCursor is not null;
        var page = merged.Take(limit).ToList();
        return new SessionPage(page, more ? SessionCursor.Of(page[^1]).ToString() : null);
    }
}
