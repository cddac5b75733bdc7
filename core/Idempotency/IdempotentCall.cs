using OrleansChat.Core.Answers;

namespace OrleansChat.Core.Idempotency;

/// <summary>A call with an idempotency key.</summary>
/// <param name="Id">The idempotency key's hash.</param>
/// <param name="Fingerprint">The hash of what is asked: a repeat asks the same.</param>
/// <param name="Holder">Names the caller, who runs it if it has not begun.</param>
public sealed record IdempotentCall(string Id, string Fingerprint, string Holder);

/// <summary>What a caller is to do.</summary>
/// <param name="State">The operation as it is.</param>
public sealed record IdempotencyDecision(IdempotencyState State);

/// <summary>States of an operation as its caller sees it.</summary>
public enum IdempotencyState
{
    /// <summary>The caller holds it: it is to run it and to tell its answer.</summary>
    Begun,

    /// <summary>Another one runs it; its answer can be read as it comes.</summary>
    Running,

    /// <summary>It has ended; its answer can be read.</summary>
    Finished,

    /// <summary>It has ended; its answer was too large to be kept.</summary>
    NotKept,

    /// <summary>It asked for something else.</summary>
    Mismatch,

    /// <summary>As many operations run in this shard as it takes.</summary>
    Full,
}

/// <summary>An answer that is whole.</summary>
/// <param name="Head">How it begins.</param>
/// <param name="Length">Bytes of its body.</param>
/// <param name="IsKept">Whether it is kept; one that is too large is not.</param>
public sealed record CompletedAnswer(AnswerHead Head, long Length, bool IsKept);
