namespace OrleansChat.Core.Idempotency;

/// <summary>The stored value of <see cref="IdempotencyActor"/>; the answers are states of their own.</summary>
public sealed class IdempotencyShardState
{
    /// <summary>The operations, in the order in which they began.</summary>
    public List<IdempotentOperation> Operations { get; set; } = [];
}

/// <summary>An operation on record.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Fingerprint">The hash of what was asked.</param>
/// <param name="Holder">Who runs or ran it.</param>
public sealed record IdempotentOperation(string Id, string Fingerprint, string Holder)
{
    /// <summary>Until when it is remembered; null while it runs.</summary>
    public DateTimeOffset? KeptUntil { get; init; }

    /// <summary>Whether its answer is kept.</summary>
    public bool HasAnswer { get; init; }
}
