using OrleansChat.Core.Answers;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Idempotency;

namespace OrleansChat.Standalone.Actors.References;

/// <summary>Calls <see cref="IIdempotencyActor"/> in this process.</summary>
internal sealed class LocalIdempotency(ActorReference<IIdempotencyActor> actor) : IIdempotencyActor
{
    private static readonly ActorMethod Begin = ActorMethod.Of<IIdempotencyActor>(nameof(BeginAsync));
    private static readonly ActorMethod Append = ActorMethod.Of<IIdempotencyActor>(nameof(AppendAsync));
    private static readonly ActorMethod Complete = ActorMethod.Of<IIdempotencyActor>(nameof(CompleteAsync));
    private static readonly ActorMethod Fail = ActorMethod.Of<IIdempotencyActor>(nameof(FailAsync));

    public ValueTask<IdempotencyDecision> BeginAsync(IdempotentCall call, CancellationToken cancellationToken) =>
        actor.CallAsync(Begin, static (target, call, token) => target.BeginAsync(call, token), call, cancellationToken);

    public ValueTask<long?> AppendAsync(string id, string holder, AnswerPart part, CancellationToken cancellationToken) =>
        actor.CallAsync(Append,
            static (target, call, token) => target.AppendAsync(call.id, call.holder, call.part, token),
            (id, holder, part),
            cancellationToken);

    public ValueTask<long?> CompleteAsync(string id, string holder, CompletedAnswer end, CancellationToken cancellationToken) =>
        actor.CallAsync(Complete,
            static (target, call, token) => target.CompleteAsync(call.id, call.holder, call.end, token),
            (id, holder, end),
            cancellationToken);

    public ValueTask FailAsync(string id, string holder, Problem problem, CancellationToken cancellationToken) =>
        actor.CallAsync(Fail,
            static (target, call, token) => target.FailAsync(call.id, call.holder, call.problem, token),
            (id, holder, problem),
            cancellationToken);

    public IAsyncEnumerable<AnswerPart> ReadAsync(string id, long after, CancellationToken cancellationToken) =>
        actor.EnumerateAsync(
            static (target, call, token) => target.ReadAsync(call.id, call.after, token),
            (id, after),
            cancellationToken);
}
