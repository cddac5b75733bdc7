namespace OrleansChat.Providers.Http;

/// <summary>The part of an upstream call that a timeout limits.</summary>
internal enum UpstreamPhase
{
    /// <summary>Name resolution, TCP and TLS.</summary>
    Connect,

    /// <summary>From the request to the first token of a stream.</summary>
    FirstToken,

    /// <summary>From one token of a stream to the next.</summary>
    BetweenTokens,

    /// <summary>The whole call.</summary>
    Total,
}
