namespace OrleansChat.Providers.Http;

/// <summary>How long each part of an upstream call may take.</summary>
public sealed record UpstreamTimeouts
{
    /// <summary>Default of <see cref="Connect"/>, in seconds.</summary>
    public const int DefaultConnectSeconds = 5;

    /// <summary>Default of <see cref="FirstToken"/>, in seconds.</summary>
    public const int DefaultFirstTokenSeconds = 30;

    /// <summary>Default of <see cref="BetweenTokens"/>, in seconds.</summary>
    public const int DefaultBetweenTokensSeconds = 15;

    /// <summary>Default of <see cref="Total"/>, in seconds.</summary>
    public const int DefaultTotalSeconds = 60;

    /// <summary>Time to resolve the name, connect and finish the TLS handshake.</summary>
    /// <value>Default 5 s; more than zero.</value>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(DefaultConnectSeconds);

    /// <summary>Time from sending a streamed request to its first token, for each attempt.</summary>
    /// <value>Default 30 s; more than zero.</value>
    public TimeSpan FirstToken { get; init; } = TimeSpan.FromSeconds(DefaultFirstTokenSeconds);

    /// <summary>Time spent waiting for the next token. The time a slow reader takes does not count.</summary>
    /// <value>Default 15 s; more than zero.</value>
    public TimeSpan BetweenTokens { get; init; } = TimeSpan.FromSeconds(DefaultBetweenTokensSeconds);

    /// <summary>Time for the whole call, with all attempts and the waits between them.</summary>
    /// <value>Default 60 s; more than zero. The upstream setting <c>Timeout</c>.</value>
    public TimeSpan Total { get; init; } = TimeSpan.FromSeconds(DefaultTotalSeconds);
}
