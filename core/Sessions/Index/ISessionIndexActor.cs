using System.Text.Json.Serialization;
using OrleansChat.Core.Actors;
using OrleansChat.Core.Sessions.Search;

namespace OrleansChat.Core.Sessions;

/// <summary>The one owner of the list of a key's sessions.</summary>
public interface ISessionIndexActor
{
    /// <summary>Adds a session or refreshes its line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task.</returns>
    [Interleaves]
    ValueTask PutAsync(SessionLine line, CancellationToken cancellationToken);

    /// <summary>Adds a session or refreshes its line, with turns to find it by. Turns that are known stay as they are.</summary>
    /// <param name="line">The line.</param>
    /// <param name="turns">The turns; one without a text is forgotten.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task.</returns>
    [Interleaves]
    ValueTask PutTurnsAsync(SessionLine line, ConversationTurnList turns, CancellationToken cancellationToken);

    /// <summary>Removes a session with its turns; an unknown one changes nothing.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task.</returns>
    [Interleaves]
    ValueTask RemoveAsync(string sessionId, CancellationToken cancellationToken);

    /// <summary>A page of sessions, most recently used first.</summary>
    /// <param name="limit">Lines on the page, 1 to 200.</param>
    /// <param name="cursor">The last page's cursor; null for the first page.</param>
    /// <param name="query">Words that must occur in the title or in what was said; null for all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The page; a session that was found by its turns has matches without snippets.</returns>
    /// <exception cref="Errors.RequestException">The cursor is not one of this list's.</exception>
    [Interleaves]
    ValueTask<SessionPage> ListAsync(int limit, string? cursor, string? query, CancellationToken cancellationToken);
}

/// <summary>A session in a list.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Title">Its title.</param>
/// <param name="Model">The model that answers.</param>
/// <param name="CreatedAt">When it was made, UTC.</param>
/// <param name="LastActiveAt">When it was last used, UTC.</param>
/// <param name="Shared">Whether its owner's team may see it and chat in it.</param>
public sealed record SessionLine(
    string Id, string? Title, string? Model, DateTimeOffset CreatedAt, DateTimeOffset LastActiveAt, bool Shared = false)
{
    /// <summary>Where what was said has words of the query, best first; null for nowhere. It is part of an answer, never of what is stored.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<SessionMatch>? Matches { get; init; }
}

/// <summary>A page of a list.</summary>
/// <param name="Items">The lines.</param>
/// <param name="NextCursor">What asks for the next page; null on the last.</param>
public sealed record SessionPage(IReadOnlyList<SessionLine> Items, string? NextCursor);
