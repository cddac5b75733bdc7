using OrleansChat.Core.Answers;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Idempotency;

namespace OrleansChat.GrainInterfaces.Idempotency;

/// <summary>A share of an API key's idempotent requests, on the cluster.</summary>
[Alias("orleanschat.idempotency")]
public interface IIdempotencyGrain : IIdempotencyActor, IGrainWithStringKey
{
    /// <inheritdoc cref="IIdempotencyActor.BeginAsync"/>
    [Alias("begin")]
    new ValueTask<IdempotencyDecision> BeginAsync(IdempotentCall call, CancellationToken cancellationToken);

    /// <inheritdoc cref="IIdempotencyActor.AppendAsync"/>
    [Alias("append")]
    new ValueTask<long?> AppendAsync(string id, string holder, AnswerPart part, CancellationToken cancellationToken);

    /// <inheritdoc cref="IIdempotencyActor.CompleteAsync"/>
    [Alias("complete")]
    new ValueTask<long?> CompleteAsync(string id, string holder, CompletedAnswer end, CancellationToken cancellationToken);

    /// <inheritdoc cref="IIdempotencyActor.FailAsync"/>
    [Alias("fail")]
    new ValueTask FailAsync(string id, string holder, Problem problem, CancellationToken cancellationToken);

    /// <inheritdoc cref="IIdempotencyActor.ReadAsync"/>
    [Alias("read")]
    new IAsyncEnumerable<AnswerPart> ReadAsync(string id, long after, CancellationToken cancellationToken);
}
