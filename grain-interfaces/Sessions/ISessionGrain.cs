using Orleans.Concurrency;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Sessions.Responses;
using OrleansChat.Core.Sessions.Search;
using OrleansChat.Core.Turns;
using OrleansChat.GrainInterfaces.Sessions.Feeds;

namespace OrleansChat.GrainInterfaces.Sessions;

/// <summary>A chat session, on the cluster.</summary>
[Alias("orleanschat.session")]
public interface ISessionGrain : ISessionActor, IGrainWithStringKey
{
    /// <inheritdoc cref="ISessionActor.CreateAsync"/>
    [Alias("create")]
    new ValueTask<SessionView> CreateAsync(ApiKey caller, SessionSettings settings, CancellationToken cancellationToken);

    /// <inheritdoc cref="ISessionActor.ImportAsync"/>
    [Alias("import")]
    new ValueTask<SessionView> ImportAsync(ApiKey caller, SessionImport exported, CancellationToken cancellationToken);

    /// <inheritdoc cref="ISessionActor.ReadPathAsync"/>
    [Alias("read-path"), AlwaysInterleave]
    new ValueTask<SessionView> ReadPathAsync(ApiKey caller, MessageRange range, CancellationToken cancellationToken);

    /// <inheritdoc cref="ISessionActor.DescribeAsync"/>
    [Alias("describe"), AlwaysInterleave]
    new ValueTask<SessionView> DescribeAsync(ApiKey caller, SessionScope scope, CancellationToken cancellationToken);

    /// <inheritdoc cref="ISessionActor.QuoteAsync"/>
    [Alias("quote"), AlwaysInterleave]
    new ValueTask<SessionMatchList> QuoteAsync(ApiKey caller, SessionQuotation quotation, CancellationToken cancellationToken);

    /// <inheritdoc cref="ISessionActor.UpdateAsync"/>
    [Alias("update")]
    new ValueTask<SessionView> UpdateAsync(ApiKey caller, SessionChanges changes, CancellationToken cancellationToken);

    /// <inheritdoc cref="ISessionActor.DeleteAsync"/>
    [Alias("delete")]
    new ValueTask DeleteAsync(ApiKey caller, CancellationToken cancellationToken);

    /// <inheritdoc cref="ISessionActor.RecordAsync"/>
    [Alias("record")]
    new ValueTask<SessionView> RecordAsync(ApiKey caller, RecordedResponse response, CancellationToken cancellationToken);

    /// <inheritdoc cref="ISessionActor.ReadResponseAsync"/>
    [Alias("read-response"), AlwaysInterleave]
    new ValueTask<SessionView> ReadResponseAsync(ApiKey caller, string responseId, CancellationToken cancellationToken);

    /// <inheritdoc cref="ISessionActor.DeleteResponseAsync"/>
    [Alias("delete-response")]
    new ValueTask DeleteResponseAsync(ApiKey caller, string responseId, CancellationToken cancellationToken);

    /// <inheritdoc cref="ISessionActor.StartTurnAsync"/>
    [Alias("start-turn")]
    new ValueTask<TurnView> StartTurnAsync(ApiKey caller, TurnRequest request, CancellationToken cancellationToken);

    /// <inheritdoc cref="ISessionActor.RegenerateAsync"/>
    [Alias("regenerate")]
    new ValueTask<TurnView> RegenerateAsync(ApiKey caller, string turnId, string? model, CancellationToken cancellationToken);

    /// <inheritdoc cref="ISessionActor.GetTurnAsync"/>
    [Alias("get-turn"), AlwaysInterleave]
    new ValueTask<TurnView> GetTurnAsync(ApiKey caller, string turnId, CancellationToken cancellationToken);

    /// <inheritdoc cref="ISessionActor.ReadTurnAsync"/>
    [Alias("read-turn")]
    new IAsyncEnumerable<TurnEvent> ReadTurnAsync(ApiKey caller, string turnId, long after, CancellationToken cancellationToken);

    /// <summary>What <see cref="ReadTurnAsync"/> reads, with events that come close together in one item.</summary>
    /// <param name="caller">The session's owner, or an admin.</param>
    /// <param name="turnId">The turn.</param>
    /// <param name="after">The last sequence number that is not wanted; 0 for all.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The events, each once.</returns>
    [Alias("read-turn-batches")]
    IAsyncEnumerable<TurnEventBatch> ReadTurnBatchesAsync(ApiKey caller, string turnId, long after, CancellationToken cancellationToken);

    /// <summary>Has the events of a running turn sent to a client, beside those of all other turns that it reads on the same silo.</summary>
    /// <param name="caller">The session's owner, or an admin.</param>
    /// <param name="turnId">The turn.</param>
    /// <param name="after">The last sequence number that is not wanted; 0 for all.</param>
    /// <param name="client">The client.</param>
    /// <param name="line">The number under which the client takes them; a repeat changes nothing.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The silo that sends; null where the turn is not running, so that it is to be read.</returns>
    [Alias("feed-turn")]
    ValueTask<string?> FeedTurnAsync(
        ApiKey caller, string turnId, long after, ITurnFeedObserver client, long line, CancellationToken cancellationToken);

    /// <inheritdoc cref="ISessionActor.CancelTurnAsync"/>
    [Alias("cancel-turn"), AlwaysInterleave]
    new ValueTask<TurnView> CancelTurnAsync(ApiKey caller, string turnId, CancellationToken cancellationToken);

    /// <inheritdoc cref="ISessionActor.RecoverAsync"/>
    [Alias("recover")]
    new ValueTask RecoverAsync(CancellationToken cancellationToken);

    /// <inheritdoc cref="ISessionActor.SweepAsync"/>
    [Alias("sweep")]
    new ValueTask<bool> SweepAsync(CancellationToken cancellationToken);
}
