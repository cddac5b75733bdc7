using OrleansChat.Core.Answers;

namespace OrleansChat.Core.Caching;

/// <summary>An answer in the cache.</summary>
/// <param name="Head">How it begins.</param>
/// <param name="Body">Its body, byte by byte.</param>
/// <param name="NanoUsd">What it cost, in nano-dollars: what each later use of it saves.</param>
public sealed record CachedAnswer(AnswerHead Head, byte[] Body, long NanoUsd)
{
    /// <summary>How long it may be given; null for what the settings say.</summary>
    public TimeSpan? Ttl { get; init; }
}
