using Microsoft.AspNetCore.Http;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.GatewayApi.OpenAI;

/// <summary>An upstream's answer that has begun: its first token is there, or it is whole.</summary>
internal interface ICompletion : IAsyncDisposable
{
    /// <summary>Writes the answer to the client as it comes.</summary>
    /// <exception cref="Core.Errors.UpstreamException">The upstream broke off.</exception>
    Task WriteAsync(HttpContext context);

    /// <summary>Whether the upstream put an error into an answer that it began as a success: such an answer is not repeated to others.</summary>
    bool HasError => false;

    /// <summary>The fallbacks by which it was found what it answers from.</summary>
    IReadOnlyList<string> Fallbacks => [];

    /// <summary>What it used so far: as the upstream says, or counted.</summary>
    /// <param name="countInput">Counts the input here; called only where the upstream does not say.</param>
    TokenUsage Usage(Func<long> countInput);
}
