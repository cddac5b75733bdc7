using Microsoft.Extensions.AI;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Search.Metering;

/// <summary>A call to a model that search is about to make.</summary>
/// <typeparam name="T">The answer.</typeparam>
/// <param name="Target">The upstream and its model.</param>
/// <param name="Operation">What it is asked to do: a <see cref="Routing.ModelOperation"/>.</param>
/// <param name="Bytes">The bytes of the texts, as often as the model reads them; each is a token at most.</param>
/// <param name="Count">A close count of the tokens, for when the upstream reports none.</param>
/// <param name="Ask">Asks, and tells what was used as soon as that is known.</param>
internal sealed record SearchCall<T>(
    UpstreamTarget Target, string Operation, long Bytes, Func<long> Count, Func<CallUsage, CancellationToken, Task<T>> Ask);

/// <summary>What a call has used, as far as is known.</summary>
internal sealed class CallUsage
{
    /// <summary>Whether the upstream has been asked.</summary>
    public bool IsAsked { get; set; }

    /// <summary>Whether it has answered, so that the call is to be paid for even if the answer is of no use.</summary>
    public bool IsAnswered { get; private set; }

    /// <summary>The tokens that it reported; null for none.</summary>
    public long? Tokens { get; private set; }

    /// <summary>The upstream has answered.</summary>
    /// <param name="tokens">The tokens that it reported; null for none.</param>
    public void Answered(long? tokens) => (IsAnswered, Tokens) = (true, tokens);

    /// <summary>The upstream has answered.</summary>
    /// <param name="usage">What it reported; null for nothing.</param>
    public void Answered(UsageDetails? usage) => Answered(usage?.InputTokenCount ?? usage?.TotalTokenCount);

    /// <summary>The usage to book.</summary>
    /// <param name="count">A close count of the tokens.</param>
    /// <returns>The usage, estimated where the upstream reported none.</returns>
    public TokenUsage ToUsage(Func<long> count) => Tokens is { } tokens ? new TokenUsage(Math.Max(0, tokens), 0) : new TokenUsage(count(), 0, Estimated: true);
}
