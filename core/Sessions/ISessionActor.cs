using OrleansChat.Core.Actors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Sessions.Responses;
using OrleansChat.Core.Sessions.Search;
using OrleansChat.Core.Turns;

namespace OrleansChat.Core.Sessions;

/// <summary>
/// The one owner of a chat session: its tree of messages, its one active turn, that turn's log. To a key that may not see the session,
/// every method answers as though it did not exist: <see cref="Errors.RequestException"/> with <c>not_found</c>.
/// </summary>
public interface ISessionActor
{
    /// <summary>Creates the session; a repeat by the same key returns the session as it is.</summary>
    /// <param name="caller">The key that will own it.</param>
    /// <param name="settings">Its settings.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The session.</returns>
    ValueTask<SessionView> CreateAsync(ApiKey caller, SessionSettings settings, CancellationToken cancellationToken);

    /// <summary>Makes the session from an exported one; a repeat by the same key returns the session as it is.</summary>
    /// <param name="caller">The key that will own it.</param>
    /// <param name="exported">What was exported.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The session without messages.</returns>
    /// <exception cref="Errors.RequestException"><c>invalid_request</c>: its messages do not make a tree.</exception>
    ValueTask<SessionView> ImportAsync(ApiKey caller, SessionImport exported, CancellationToken cancellationToken);

    /// <summary>The session with a part of its active path, read at the cost of that part.</summary>
    /// <param name="caller">The key that asks.</param>
    /// <param name="range">The part.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The session.</returns>
    /// <exception cref="Errors.RequestException"><c>not_found</c> for the message that the part ends before.</exception>
    [Interleaves]
    ValueTask<SessionView> ReadPathAsync(ApiKey caller, MessageRange range, CancellationToken cancellationToken);

    /// <summary>The session with its active path, or with its whole tree.</summary>
    /// <param name="caller">The key that asks.</param>
    /// <param name="scope">How much of the tree.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The session.</returns>
    [Interleaves]
    ValueTask<SessionView> DescribeAsync(ApiKey caller, SessionScope scope, CancellationToken cancellationToken);

    /// <summary>Shows what a search found in messages of the session.</summary>
    /// <param name="caller">The key that asks.</param>
    /// <param name="quotation">The query, and the messages that were found.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A snippet of each message, or of the question that it answers; nothing of those that are gone.</returns>
    [Interleaves]
    ValueTask<SessionMatchList> QuoteAsync(ApiKey caller, SessionQuotation quotation, CancellationToken cancellationToken);

    /// <summary>Changes settings; what is null stays.</summary>
    /// <param name="caller">The key that asks.</param>
    /// <param name="changes">The changes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The session without messages.</returns>
    ValueTask<SessionView> UpdateAsync(ApiKey caller, SessionChanges changes, CancellationToken cancellationToken);

    /// <summary>Deletes the session and all its messages, ending a turn that runs.</summary>
    /// <param name="caller">The key that asks.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the deletion is durable.</returns>
    ValueTask DeleteAsync(ApiKey caller, CancellationToken cancellationToken);

    /// <summary>Keeps a question and an answer that no turn made. A repeat changes nothing.</summary>
    /// <param name="caller">The key that asks.</param>
    /// <param name="response">The response.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The session without messages.</returns>
    /// <exception cref="Errors.RequestException"><c>turn_in_progress</c> while a turn runs; <c>not_found</c> without the response that it follows.</exception>
    ValueTask<SessionView> RecordAsync(ApiKey caller, RecordedResponse response, CancellationToken cancellationToken);

    /// <summary>The session with the path that ends in a response's answer.</summary>
    /// <param name="caller">The key that asks.</param>
    /// <param name="responseId">The response.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The session.</returns>
    [Interleaves]
    ValueTask<SessionView> ReadResponseAsync(ApiKey caller, string responseId, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes a response, so that it can be neither read nor followed any more. Its words stay with those that followed it before; with the last
    /// response goes the session, unless it has turns.
    /// </summary>
    /// <param name="caller">The key that asks.</param>
    /// <param name="responseId">The response.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the deletion is durable.</returns>
    ValueTask DeleteResponseAsync(ApiKey caller, string responseId, CancellationToken cancellationToken);

    /// <summary>
    /// Starts a turn as background work and answers at once, when the user's message is durable. A known <c>clientTurnId</c> returns the
    /// turn that it began.
    /// </summary>
    /// <param name="caller">The key that asks, and pays.</param>
    /// <param name="request">The turn.</param>
    /// <param name="cancellationToken">Ends the wait, not the turn.</param>
    /// <returns>The turn as it stands.</returns>
    /// <exception cref="Errors.RequestException"><c>turn_in_progress</c> while another turn runs.</exception>
    ValueTask<TurnView> StartTurnAsync(ApiKey caller, TurnRequest request, CancellationToken cancellationToken);

    /// <summary>Answers a turn's message anew, as a new branch.</summary>
    /// <param name="caller">The key that asks, and pays.</param>
    /// <param name="turnId">The turn whose answer is to be made anew.</param>
    /// <param name="model">Another model; null for the same.</param>
    /// <param name="cancellationToken">Ends the wait, not the turn.</param>
    /// <returns>The new turn.</returns>
    ValueTask<TurnView> RegenerateAsync(ApiKey caller, string turnId, string? model, CancellationToken cancellationToken);

    /// <summary>A turn as it stands.</summary>
    /// <param name="caller">The key that asks.</param>
    /// <param name="turnId">The turn.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The turn.</returns>
    [Interleaves]
    ValueTask<TurnView> GetTurnAsync(ApiKey caller, string turnId, CancellationToken cancellationToken);

    /// <summary>
    /// The turn's events after a sequence number, each exactly once, in order and without gaps; ends after the turn's last event. Where the
    /// activation ends first, the enumeration ends before that event: the reader begins anew after the last one it has.
    /// </summary>
    /// <param name="caller">The key that asks.</param>
    /// <param name="turnId">The turn.</param>
    /// <param name="after">The last sequence number that the reader has; 0 for all.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>The events.</returns>
    IAsyncEnumerable<TurnEvent> ReadTurnAsync(ApiKey caller, string turnId, long after, CancellationToken cancellationToken);

    /// <summary>Stops the turn's upstream call and settles what was used. A turn that has ended stays as it is.</summary>
    /// <param name="caller">The key that asks.</param>
    /// <param name="turnId">The turn.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The turn as it stands; its end comes as an event.</returns>
    [Interleaves]
    ValueTask<TurnView> CancelTurnAsync(ApiKey caller, string turnId, CancellationToken cancellationToken);

    /// <summary>Restarts or marks a turn that a dead host left open. Called once for every open turn when a host starts.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the turn is under way again or marked.</returns>
    ValueTask RecoverAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Looks after the session when a deadline of it has come: deletes it when its time to live is over, drops the logs of turns that ended
    /// too long ago, and enters the next deadline. A session with a turn under way is never deleted.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether it was deleted.</returns>
    ValueTask<bool> SweepAsync(CancellationToken cancellationToken);
}
