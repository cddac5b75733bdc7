namespace OrleansChat.GatewayApi.Tests.Tenancy;

/// <summary>Every kind of caller that a route may meet.</summary>
internal enum Who
{
    /// <summary>No key at all.</summary>
    Nobody,

    /// <summary>A key that never was.</summary>
    Unknown,

    /// <summary>A key whose time is over.</summary>
    Expired,

    /// <summary>A key that was taken back.</summary>
    Revoked,

    /// <summary>The secret before a rotation, after the overlap.</summary>
    RotatedAway,

    /// <summary>The key whose things are asked for.</summary>
    Owner,

    /// <summary>The same key by its secret before a rotation, within the overlap.</summary>
    OwnerByOldSecret,

    /// <summary>Another key of the owner's team.</summary>
    Teammate,

    /// <summary>A key of another team.</summary>
    Stranger,

    /// <summary>An operator's key.</summary>
    Admin,
}
