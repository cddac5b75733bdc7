using System.Text.Json.Serialization;
using OrleansChat.Core.Turns;

namespace OrleansChat.GatewayApi.SimpleChat;

/// <summary>An answer before a version tells it.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="TurnId">The turn.</param>
/// <param name="Text">What was answered.</param>
/// <param name="Mode">What the message was understood as.</param>
/// <param name="End">How the turn ended.</param>
internal sealed record SimpleChatTurn(string SessionId, string TurnId, string Text, string Mode, TurnCompleted End);

/// <summary>The answer of version 1. It is final.</summary>
internal sealed record SimpleChatAnswer(
    bool Success,
    string Response,
    [property: JsonPropertyName("session_id")] string SessionId,
    [property: JsonPropertyName("turn_id")] string TurnId,
    string Model,
    [property: JsonPropertyName("api_version")] string ApiVersion);

/// <summary>The answer of version 2.</summary>
internal sealed record SimpleChatAnswerV2(
    bool Success,
    string Response,
    [property: JsonPropertyName("session_id")] string SessionId,
    [property: JsonPropertyName("turn_id")] string TurnId,
    string Model,
    [property: JsonPropertyName("api_version")] string ApiVersion,
    SimpleChatUsage Usage,
    string Mode)
{
    /// <summary>The fallbacks that it is owed to; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Fallbacks { get; init; }
}

/// <summary>What an answer used.</summary>
internal sealed record SimpleChatUsage(
    [property: JsonPropertyName("input_tokens")] long InputTokens,
    [property: JsonPropertyName("output_tokens")] long OutputTokens,
    bool Estimated,
    [property: JsonPropertyName("cost_usd")] decimal CostUsd);
