namespace OrleansChat.Core.Errors;

/// <summary>How an upstream failed; routing and breakers decide by it.</summary>
public enum UpstreamFailure
{
    /// <summary>No connection could be made, or it broke.</summary>
    Connection,

    /// <summary>One of the upstream's time limits passed.</summary>
    Timeout,

    /// <summary>It refused for load (429): a cooldown, not a failure of its health.</summary>
    RateLimited,

    /// <summary>It answered with a 5xx.</summary>
    ServerError,

    /// <summary>It broke its protocol: bad JSON, a stream cut short, a wrong count.</summary>
    Protocol,

    /// <summary>It found the caller's request at fault (400, 413, 422): never a failure of the upstream.</summary>
    InvalidRequest,

    /// <summary>It refused this server's credentials (401, 403): the operator's mistake.</summary>
    Unauthorized,

    /// <summary>It does not know the model or path (404).</summary>
    NotFound,

    /// <summary>Its breaker is open, so it was not asked.</summary>
    CircuitOpen,
}
