using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Routing;

/// <summary>A call of one target.</summary>
/// <param name="Target">The target.</param>
/// <param name="OperationId">The operation, as it was admitted.</param>
/// <param name="Id">Names this attempt.</param>
public sealed record RouteAttempt(UpstreamTarget Target, string OperationId, string Id)
{
    /// <summary>Whether the target can have had the prompt.</summary>
    public PromptDelivery Prompt { get; } = new();
}
