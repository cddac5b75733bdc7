namespace OrleansChat.Providers.Http;

/// <summary>The connection pool of one upstream.</summary>
public static class UpstreamSockets
{
    /// <summary>Minutes after which a connection is replaced, so that a change of DNS is followed.</summary>
    public const int ConnectionLifetimeMinutes = 5;

    /// <summary>
    /// Builds a handler whose connections are pooled, follow DNS, and are closed rather than drained when a stream is left. Their number has no bound of its own: requests
    /// would wait for one in a line that nobody sees. Requests in flight and limits of concurrency bound it.
    /// </summary>
    /// <param name="connectTimeout">Time for name, TCP and TLS.</param>
    public static SocketsHttpHandler Create(TimeSpan connectTimeout) => new()
    {
        ConnectTimeout = connectTimeout,
        PooledConnectionLifetime = TimeSpan.FromMinutes(ConnectionLifetimeMinutes),
        EnableMultipleHttp2Connections = true,
        // A redirect would send the key to an address that nobody configured.
        AllowAutoRedirect = false,
        UseCookies = false,
        // A stream left early must stop the upstream at once; draining would let it go on at our cost.
        MaxResponseDrainSize = 0,
        ResponseDrainTimeout = TimeSpan.Zero,
        // What writes the trace into a request would first make a span of its own, of which nobody is told and to which upstreams' spans would belong.
        ActivityHeadersPropagator = null,
    };
}
