namespace OrleansChat.GatewayApi.Caching;

/// <summary>What the answer to a request was settled at; a feature of the request.</summary>
/// <param name="NanoUsd">Nano-dollars.</param>
internal sealed record AnswerCost(long NanoUsd);
