using Microsoft.Extensions.AI;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.GatewayApi.OpenAI;

/// <summary>Tokens of a call: as the upstream says, or counted here where it does not.</summary>
internal static class CompletionUsage
{
    /// <summary>The usage of a call.</summary>
    /// <param name="reported">What the upstream said; null for nothing.</param>
    /// <param name="input">Counts the input's tokens here; called only where the upstream does not say.</param>
    /// <param name="output">The answer's tokens as they are counted here.</param>
    public static TokenUsage Of(UsageDetails? reported, Func<long> input, long output) =>
        ReportedUsage.Of(reported, reported?.InputTokenCount is null ? input() : 0, output);
}
