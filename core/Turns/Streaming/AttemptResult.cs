using OrleansChat.Core.Errors;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Turns.Streaming;

/// <summary>How one attempt ended, settled.</summary>
internal sealed record AttemptResult
{
    /// <summary>The answer as far as it came.</summary>
    public string Text { get; init; } = "";

    /// <summary>Why the model stopped; null when it did not say.</summary>
    public string? FinishReason { get; init; }

    /// <summary>What it used.</summary>
    public TokenUsage Usage { get; init; } = TokenUsage.Zero;

    /// <summary>Its cost in nano-dollars.</summary>
    public long CostNanoUsd { get; init; }

    /// <summary>The upstream that was asked last; null for none.</summary>
    public UpstreamTarget? Target { get; init; }

    /// <summary>The fallbacks by which it came to be asked.</summary>
    public IReadOnlyList<string> Fallbacks { get; init; } = [];

    /// <summary>Whether it was stopped.</summary>
    public bool IsCancelled { get; init; }

    /// <summary>Why it failed; null unless it did.</summary>
    public OrleansChatException? Failure { get; init; }

    /// <summary>The router's name of it where it failed after its first token; null otherwise.</summary>
    public string? BrokenAttemptId { get; init; }

    /// <summary>The targets of the route that were not asked.</summary>
    public IReadOnlyList<UpstreamTarget> Untried { get; init; } = [];

    /// <summary>Whether another upstream may do better although readers have seen a part of this answer.</summary>
    public bool MayRestart => BrokenAttemptId is not null && Failure is UpstreamException { MayTryNext: true };
}
