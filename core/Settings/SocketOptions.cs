using System.ComponentModel.DataAnnotations;

namespace OrleansChat.Core.Settings;

/// <summary>WebSockets of one gateway.</summary>
public sealed record SocketOptions
{
    /// <summary>Sockets that are open at once. When they are that many, the longest idle one makes room; one that streams never does.</summary>
    /// <value>The default is 20,000.</value>
    [Range(1, 1_000_000)]
    public int MaxOpen { get; init; } = 20_000;

    /// <summary>Sockets of one key that are open at once, by the same rule.</summary>
    /// <value>The default is 5,000.</value>
    [Range(1, 1_000_000)]
    public int MaxOpenPerKey { get; init; } = 5_000;

    /// <summary>Silence after which the client is asked for a sign of life.</summary>
    /// <value>The default is 30 seconds; 10 milliseconds to 1 hour.</value>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the sign of life may take before the connection is given up.</summary>
    /// <value>The default is 30 seconds; 10 milliseconds to 1 hour.</value>
    public TimeSpan PongTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the client may take to read a frame, or a turn's events, before it is cut off, to resume when it can.</summary>
    /// <value>The default is 15 seconds; 10 milliseconds to 1 hour.</value>
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Origins such as <c>https://chat.example.com</c> whose pages may open sockets, beside pages of the gateway itself and of the user's own
    /// machine; <c>*</c> for all.
    /// </summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];
}
