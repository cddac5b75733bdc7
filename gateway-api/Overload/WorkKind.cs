namespace OrleansChat.GatewayApi.Overload;

/// <summary>Kinds of work whose times can be compared with each other, one request's with the next one's.</summary>
internal enum WorkKind
{
    /// <summary>Anything else: it takes a place, and its time tells nothing.</summary>
    Other,

    /// <summary>A call without a session that is answered whole.</summary>
    Call,

    /// <summary>A call without a session up to its stream.</summary>
    Stream,

    /// <summary>The start of a turn.</summary>
    Turn,

    /// <summary>The start of a turn over a socket, which has read the key and everything else long before.</summary>
    Frame,
}
