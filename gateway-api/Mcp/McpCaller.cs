using OrleansChat.Core.Keys;

namespace OrleansChat.GatewayApi.Mcp;

/// <summary>Who calls in a session that outlives its requests: each request brings the key as it is then.</summary>
/// <param name="key">The key that opened the session.</param>
internal sealed class McpCaller(ApiKey key)
{
    private volatile ApiKey _key = key;

    /// <summary>The key, as the newest request found it; its id stays the same.</summary>
    public ApiKey Key
    {
        get => _key;
        set => _key = value;
    }
}
