namespace OrleansChat.GatewayApi.Tests.Tenancy;

/// <summary>Whom a route serves.</summary>
internal enum Audience
{
    /// <summary>Anybody, with or without a key.</summary>
    Everybody,

    /// <summary>Every valid key. What belongs to a key is shown to it alone.</summary>
    AnyKey,

    /// <summary>The owner of the thing that is named, admins and, where it is shared, the owner's team; to all others it is not there.</summary>
    OwnerAndTeam,

    /// <summary>The owner of the thing that is named and admins; a team that it is shared with is refused, to all others it is not there.</summary>
    Owner,

    /// <summary>The key that opened what is named; to all others, admins among them, it is not there.</summary>
    Opener,

    /// <summary>Admins.</summary>
    Admins,
}

/// <summary>What a route answers.</summary>
/// <param name="Audience">Whom it serves.</param>
/// <param name="Served">The status for whom it serves.</param>
internal sealed record RouteRule(Audience Audience, int Served = 200)
{
    private const int Absent = 404;
    private const int Refused = 403;
    private const int Unauthenticated = 401;

    /// <summary>Whether it names a thing that belongs to a key.</summary>
    public bool IsOfAThing => Audience is Audience.OwnerAndTeam or Audience.Owner or Audience.Opener;

    /// <summary>The status that a caller gets.</summary>
    /// <param name="who">The caller.</param>
    /// <param name="isShared">Whether the thing is shared with the owner's team.</param>
    public int For(Who who, bool isShared) => (Audience, who) switch
    {
        (Audience.Everybody, _) => Served,
        (_, Who.Nobody or Who.Unknown or Who.Expired or Who.Revoked or Who.RotatedAway) => Unauthenticated,
        (Audience.AnyKey, _) => Served,
        (Audience.Admins, _) => who is Who.Admin ? Served : Refused,
        (_, Who.Owner or Who.OwnerByOldSecret) => Served,
        (Audience.OwnerAndTeam, Who.Teammate) when isShared => Served,
        (Audience.Owner, Who.Teammate) when isShared => Refused,
        (Audience.OwnerAndTeam or Audience.Owner, Who.Admin) => Served,
        _ => Absent,
    };
}
