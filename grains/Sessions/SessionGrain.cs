using Orleans.Runtime.Placement;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Keys;
using OrleansChat.Core.Sessions;
using OrleansChat.Core.Sessions.Responses;
using OrleansChat.Core.Sessions.Search;
using OrleansChat.Core.Turns;
using OrleansChat.GrainInterfaces.Sessions;
using OrleansChat.GrainInterfaces.Sessions.Feeds;
using OrleansChat.Grains.Hosting;
using OrleansChat.Grains.Sessions.Feeds;
using OrleansChat.Grains.State;

namespace OrleansChat.Grains.Sessions;

/// <summary>Hosts <see cref="SessionActor"/>.</summary>
[GrainType("session"), CollectionAgeLimit(Minutes = 5)]
internal sealed class SessionGrain(
    [PersistentState(MainState.Name, StateStores.Actors)] IPersistentState<Snapshot<SessionState>> state,
    TurnBatching batches,
    SiloFeeds feeds,
    ISiloStatusOracle silos)
    : ActorGrain<SessionActor, SessionState>(state), ISessionGrain
{
    public ValueTask<SessionView> CreateAsync(ApiKey caller, SessionSettings settings, CancellationToken cancellationToken) =>
        Actor.CreateAsync(caller, settings, cancellationToken);

    public ValueTask<SessionView> ImportAsync(ApiKey caller, SessionImport exported, CancellationToken cancellationToken) =>
        Actor.ImportAsync(caller, exported, cancellationToken);

    public ValueTask<SessionView> ReadPathAsync(ApiKey caller, MessageRange range, CancellationToken cancellationToken) =>
        Actor.ReadPathAsync(caller, range, cancellationToken);

    public ValueTask<SessionView> DescribeAsync(ApiKey caller, SessionScope scope, CancellationToken cancellationToken) =>
        Actor.DescribeAsync(caller, scope, cancellationToken);

    public ValueTask<SessionMatchList> QuoteAsync(ApiKey caller, SessionQuotation quotation, CancellationToken cancellationToken) =>
        Actor.QuoteAsync(caller, quotation, cancellationToken);

    public ValueTask<SessionView> UpdateAsync(ApiKey caller, SessionChanges changes, CancellationToken cancellationToken) =>
        Actor.UpdateAsync(caller, changes, cancellationToken);

    public ValueTask DeleteAsync(ApiKey caller, CancellationToken cancellationToken) => Actor.DeleteAsync(caller, cancellationToken);

    public ValueTask<SessionView> RecordAsync(ApiKey caller, RecordedResponse response, CancellationToken cancellationToken) =>
        Actor.RecordAsync(caller, response, cancellationToken);

    public ValueTask<SessionView> ReadResponseAsync(ApiKey caller, string responseId, CancellationToken cancellationToken) =>
        Actor.ReadResponseAsync(caller, responseId, cancellationToken);

    public ValueTask DeleteResponseAsync(ApiKey caller, string responseId, CancellationToken cancellationToken) =>
        Actor.DeleteResponseAsync(caller, responseId, cancellationToken);

    public ValueTask<TurnView> StartTurnAsync(ApiKey caller, TurnRequest request, CancellationToken cancellationToken) =>
        MoveAsync(Actor.StartTurnAsync(caller, request, cancellationToken));

    public ValueTask<TurnView> RegenerateAsync(ApiKey caller, string turnId, string? model, CancellationToken cancellationToken) =>
        MoveAsync(Actor.RegenerateAsync(caller, turnId, model, cancellationToken));

    public ValueTask<TurnView> GetTurnAsync(ApiKey caller, string turnId, CancellationToken cancellationToken) =>
        Actor.GetTurnAsync(caller, turnId, cancellationToken);

    public IAsyncEnumerable<TurnEvent> ReadTurnAsync(ApiKey caller, string turnId, long after, CancellationToken cancellationToken) =>
        Actor.ReadTurnAsync(caller, turnId, after, cancellationToken);

    public IAsyncEnumerable<TurnEventBatch> ReadTurnBatchesAsync(ApiKey caller, string turnId, long after, CancellationToken cancellationToken) =>
        batches.GatherAsync(Actor.ReadTurnAsync(caller, turnId, after, cancellationToken), cancellationToken);

    public async ValueTask<string?> FeedTurnAsync(
        ApiKey caller, string turnId, long after, ITurnFeedObserver client, long line, CancellationToken cancellationToken)
    {
        var turn = await Actor.GetTurnAsync(caller, turnId, cancellationToken);
        if (turn.Status is not TurnStatus.Processing)
            return null;

        if (feeds.Open(client, line) is { } opened)
            _ = opened.SendAsync(Actor.ReadTurnAsync(caller, turnId, after, opened.Stopped));

        return feeds.Origin;
    }

    public ValueTask<TurnView> CancelTurnAsync(ApiKey caller, string turnId, CancellationToken cancellationToken) =>
        Actor.CancelTurnAsync(caller, turnId, cancellationToken);

    public ValueTask RecoverAsync(CancellationToken cancellationToken) => Actor.RecoverAsync(cancellationToken);

    public ValueTask<bool> SweepAsync(CancellationToken cancellationToken) => Actor.SweepAsync(cancellationToken);

    /// <summary>Moves to a silo that stays, when this one begins no new turn.</summary>
    private async ValueTask<TurnView> MoveAsync(ValueTask<TurnView> begun)
    {
        try
        {
            return await begun;
        }
        catch (HostStoppingException)
        {
            var others = silos.GetApproximateSiloStatuses(onlyActive: true).Keys.Where(silo => silo != silos.SiloAddress).ToList();
            if (others.Count == 0)
                throw;

            RequestContext.Set(IPlacementDirector.PlacementHintKey, others[Random.Shared.Next(others.Count)]);
            MigrateOnIdle();
            throw new SiloDrainingException();
        }
    }
}
