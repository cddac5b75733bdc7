using System.ComponentModel.DataAnnotations;

namespace OrleansChat.Core.Settings;

/// <summary>What a client may send, and how long it may take.</summary>
public sealed record GatewayOptions
{
    /// <summary>Bytes of a request's body.</summary>
    /// <value>The default is 32 MiB.</value>
    [Range(1_024, 1_073_741_824)]
    public long MaxRequestBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Levels of nesting in a JSON body.</summary>
    /// <value>The default is 64.</value>
    [Range(4, 1_000)]
    public int MaxJsonDepth { get; init; } = 64;

    /// <summary>Bytes of a WebSocket message.</summary>
    /// <value>The default is 1 MiB.</value>
    [Range(1_024, 1_073_741_824)]
    public int MaxFrameBytes { get; init; } = 1024 * 1024;

    /// <summary>Characters of a chat message.</summary>
    /// <value>The default is 1,000,000.</value>
    [Range(1, SessionOptions.MaxStoredCharacters)]
    public int MaxMessageCharacters { get; init; } = 1_000_000;

    /// <summary>Requests that are answered at once, streams and those that wait for upstreams included; more are turned away with 503 and a time to retry. It bounds memory.</summary>
    /// <value>The default is 4,000.</value>
    [Range(1, 1_000_000)]
    public int MaxInFlight { get; init; } = 4_000;

    /// <summary>
    /// How many times as long as alone the work on a call may take, at the median and without the time of upstreams, before fewer requests are worked on at a time; 0 for any, so that
    /// <see cref="MaxInFlight"/> alone counts.
    /// </summary>
    /// <value>The default is 1.5; otherwise from 1.1 to 100.</value>
    public double MaxSlowdown { get; init; } = 1.5;

    /// <summary>Requests that wait to be worked on, while there is no more than a burst of them; more are turned away with 503 and a time to retry.</summary>
    /// <value>The default is 256.</value>
    [Range(0, 1_000_000)]
    public int MaxWaiting { get; init; } = 256;

    /// <summary>How late work may begin in this process, smoothed over a second, before requests are turned away with 503; zero for any.</summary>
    /// <value>The default is 1 second.</value>
    public TimeSpan MaxLag { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Keys that are not known, from one address within a minute, after which it is not answered until the minute is over; 0 for any number.</summary>
    /// <value>The default is 100. Behind a proxy all clients have its address: limit there, and set 0 here.</value>
    [Range(0, 1_000_000)]
    public int MaxAuthenticationFailuresPerMinute { get; init; } = 100;

    /// <summary>Silence after which a stream gets a comment line.</summary>
    /// <value>The default is 15 seconds.</value>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long running turns may go on after the order to stop.</summary>
    /// <value>The default is 20 seconds.</value>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>WebSockets.</summary>
    public SocketOptions Sockets { get; init; } = new();
}
