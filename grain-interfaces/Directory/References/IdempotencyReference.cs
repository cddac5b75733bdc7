using OrleansChat.Core.Answers;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Idempotency;
using OrleansChat.GrainInterfaces.Idempotency;

namespace OrleansChat.GrainInterfaces.Directory.References;

/// <summary>Calls <see cref="IIdempotencyGrain"/>.</summary>
internal sealed class IdempotencyReference(IIdempotencyGrain grain, CallRepetition calls) : IIdempotencyActor
{
    public ValueTask<IdempotencyDecision> BeginAsync(IdempotentCall call, CancellationToken cancellationToken) =>
        calls.RepeatAsync(grain, static (target, call, token) => target.BeginAsync(call, token), call, cancellationToken);

    public ValueTask<long?> AppendAsync(string id, string holder, AnswerPart part, CancellationToken cancellationToken) =>
        calls.RepeatAsync(
            grain, static (target, call, token) => target.AppendAsync(call.id, call.holder, call.part, token), (id, holder, part), cancellationToken);

    public ValueTask<long?> CompleteAsync(string id, string holder, CompletedAnswer end, CancellationToken cancellationToken) =>
        calls.RepeatAsync(
            grain, static (target, call, token) => target.CompleteAsync(call.id, call.holder, call.end, token), (id, holder, end), cancellationToken);

    public ValueTask FailAsync(string id, string holder, Problem problem, CancellationToken cancellationToken) =>
        calls.RepeatAsync(
            grain, static (target, call, token) => target.FailAsync(call.id, call.holder, call.problem, token), (id, holder, problem), cancellationToken);

    public IAsyncEnumerable<AnswerPart> ReadAsync(string id, long after, CancellationToken cancellationToken) =>
        new GrainEnumeration(calls).ReadAsync(
            grain, static (target, call, token) => target.ReadAsync(call.id, call.after, token), (id, after), cancellationToken);
}
