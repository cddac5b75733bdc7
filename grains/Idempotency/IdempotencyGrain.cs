using OrleansChat.Core.Answers;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Idempotency;
using OrleansChat.GrainInterfaces.Idempotency;
using OrleansChat.Grains.Hosting;
using OrleansChat.Grains.State;

namespace OrleansChat.Grains.Idempotency;

/// <summary>Hosts <see cref="IdempotencyActor"/>.</summary>
[GrainType("idempotency"), CollectionAgeLimit(Minutes = 30)]
internal sealed class IdempotencyGrain([PersistentState(MainState.Name, StateStores.Actors)] IPersistentState<Snapshot<IdempotencyShardState>> state)
    : ActorGrain<IdempotencyActor, IdempotencyShardState>(state), IIdempotencyGrain
{
    public ValueTask<IdempotencyDecision> BeginAsync(IdempotentCall call, CancellationToken cancellationToken) =>
        Actor.BeginAsync(call, cancellationToken);

    public ValueTask<long?> AppendAsync(string id, string holder, AnswerPart part, CancellationToken cancellationToken) =>
        Actor.AppendAsync(id, holder, part, cancellationToken);

    public ValueTask<long?> CompleteAsync(string id, string holder, CompletedAnswer end, CancellationToken cancellationToken) =>
        Actor.CompleteAsync(id, holder, end, cancellationToken);

    public ValueTask FailAsync(string id, string holder, Problem problem, CancellationToken cancellationToken) =>
        Actor.FailAsync(id, holder, problem, cancellationToken);

    public IAsyncEnumerable<AnswerPart> ReadAsync(string id, long after, CancellationToken cancellationToken) =>
        Actor.ReadAsync(id, after, cancellationToken);
}
