using System.Text.Json.Serialization;

namespace OrleansChat.GatewayApi.SimpleChat;

/// <summary>The answer of version 1.</summary>
internal record SimpleChatAnswer(
    bool Success,
    string Response,
    [property: JsonPropertyName("session_id")] string SessionId,
    [property: JsonPropertyName("turn_id")] string TurnId,
    string Model,
    [property: JsonPropertyName("api_version")] string ApiVersion);

/// <summary>The answer of version 2.</summary>
internal sealed record SimpleChatAnswerV2(
    string Response, string SessionId, string TurnId, string Model, SimpleChatUsage Usage, string Mode)
    : SimpleChatAnswer(true, Response, SessionId, TurnId, Model, SimpleChatBody.V2);

/// <summary>What an answer used.</summary>
internal sealed record SimpleChatUsage(
    [property: JsonPropertyName("input_tokens")] long InputTokens,
    [property: JsonPropertyName("output_tokens")] long OutputTokens,
    bool Estimated,
    [property: JsonPropertyName("cost_usd")] decimal CostUsd);
