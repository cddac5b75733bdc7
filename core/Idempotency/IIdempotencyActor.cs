using OrleansChat.Core.Answers;
using OrleansChat.Core.Errors;

namespace OrleansChat.Core.Idempotency;

/// <summary>
/// The one owner of a share of an API key's idempotency keys: which of them have begun, and what was answered. Its key is
/// <see cref="IdempotencyShard"/>'s.
/// </summary>
public interface IIdempotencyActor
{
    /// <summary>Begins an operation, unless it has begun before. A repeat by the same holder begins it still.</summary>
    /// <param name="call">The operation.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What the caller is to do; once it is to begin, that is on record.</returns>
    ValueTask<IdempotencyDecision> BeginAsync(IdempotentCall call, CancellationToken cancellationToken);

    /// <summary>Adds a piece of the answer, for those who join, and extends the lease; an empty piece only extends it.</summary>
    /// <param name="id">The operation.</param>
    /// <param name="holder">Who runs it.</param>
    /// <param name="part">The piece; what is held already is passed over.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The bytes that are held, from where the holder goes on; null when it is not the holder any more.</returns>
    ValueTask<long?> AppendAsync(string id, string holder, AnswerPart part, CancellationToken cancellationToken);

    /// <summary>Ends an operation; a repeat within the retention gets its answer.</summary>
    /// <param name="id">The operation.</param>
    /// <param name="holder">Who ran it.</param>
    /// <param name="end">What there is to keep.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The bytes that are held: fewer than all are, until the rest is appended, no end; null when it is not the holder any more.</returns>
    ValueTask<long?> CompleteAsync(string id, string holder, CompletedAnswer end, CancellationToken cancellationToken);

    /// <summary>Ends an operation that failed: whoever joined it is told, and a repeat begins it anew.</summary>
    /// <param name="id">The operation.</param>
    /// <param name="holder">Who ran it.</param>
    /// <param name="problem">Why it failed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task.</returns>
    ValueTask FailAsync(string id, string holder, Problem problem, CancellationToken cancellationToken);

    /// <summary>The answer from a byte on, as it comes, to its end.</summary>
    /// <param name="id">The operation.</param>
    /// <param name="after">Bytes that the reader has.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>The pieces; the last one is an end, unless the activation ends before.</returns>
    IAsyncEnumerable<AnswerPart> ReadAsync(string id, long after, CancellationToken cancellationToken);
}
