using Microsoft.Extensions.AI;

namespace OrleansChat.Core.Upstreams;

/// <summary>
/// What one call has used, as far as is known: kept by whoever pays, and told by adapters that make several requests of it, so that a call that
/// fails or is left midway is paid for as far as the upstream has answered. For calls whose answers hold no tokens: embeddings and scores.
/// </summary>
public sealed class CallUsage
{
    /// <summary>The name under which it is among the additional properties of a call's options.</summary>
    public const string Property = "orleanschat.usage";

    private Func<long>? _underWay;
    private PromptDelivery? _prompt;
    private long _tokens;
    private bool _estimated;

    /// <summary>How many requests were answered. From the first on the call is to be paid for, even if the answers are of no use.</summary>
    public int Answers { get; private set; }

    /// <summary>What was answered so far, estimated where the upstream did not report all of it.</summary>
    public TokenUsage Usage => new(_tokens, 0, _estimated);

    /// <summary>Told by adapters whether the request under way has gone out; null for nobody. Of several requests that make one call the first alone is told of.</summary>
    public PromptDelivery? Prompt => Answers == 0 ? _prompt : null;

    /// <summary>A target is asked. A request that was under way is over.</summary>
    /// <param name="count">A close count of its tokens, for when the upstream reports none.</param>
    /// <param name="prompt">Whether it goes out.</param>
    public void Sent(Func<long> count, PromptDelivery prompt) => (_underWay, _prompt) = (count, prompt);

    /// <summary>A request is sent. One that is under way is a part of it, or has become another: no more is known of it.</summary>
    /// <param name="count">A close count of its tokens, for when the upstream reports none.</param>
    public void Sent(Func<long> count) => _underWay = count;

    /// <summary>The request under way was answered; without one, nothing happens.</summary>
    /// <param name="tokens">The tokens that the upstream reports; null for none. A negative count would be a credit: it is taken as nothing.</param>
    public void Answered(long? tokens)
    {
        if (_underWay is not { } count)
            return;

        _underWay = null;
        Answers++;
        _estimated |= tokens is null;
        _tokens += Math.Clamp(tokens ?? count(), 0, RateLimiting.RateLimitRequest.MostTokens);
    }

    /// <summary>The request under way was answered; without one, nothing happens.</summary>
    /// <param name="usage">What the upstream reports; null for nothing.</param>
    public void Answered(UsageDetails? usage) => Answered(usage?.InputTokenCount ?? usage?.TotalTokenCount);

    /// <summary>The request under way failed: it gave no answer, and is not charged for.</summary>
    public void Failed() => _underWay = null;

    /// <summary>The caller left. A request that has gone out is with the upstream, which charges for it.</summary>
    public void Left()
    {
        if (Prompt?.TryWithdraw() is true)
            Failed();
        else
            Answered((long?)null);
    }
}
