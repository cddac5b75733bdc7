namespace OrleansChat.GatewayApi.Tests.Conversations.Steps;

/// <summary>An entry that the ledger may have for an operation.</summary>
/// <param name="Upstream">The upstream; null where the host died with the call, so that its estimate is booked.</param>
/// <param name="Used">The tokens that the upstream told; null where the gateway counts.</param>
/// <param name="HasOutput">Whether anything was said that has to be paid.</param>
internal sealed record Due(string? Upstream, (long Input, long Output)? Used, bool HasOutput)
{
    /// <summary>A call that a dead host had under way.</summary>
    public static Due Lost { get; } = new(null, null, false);
}

/// <summary>What the ledger may have for an operation: one of some entries, or none where that is possible too.</summary>
internal sealed record Dues(IReadOnlyList<Due> Any, bool MayBeNone)
{
    /// <summary>One entry and no other.</summary>
    public static Dues Of(Due due) => new([due], false);

    /// <summary>What may be where it is not known which of two is the case.</summary>
    public static Dues Either(Dues? one, Dues? other) =>
        new([.. (one?.Any ?? []).Union(other?.Any ?? [])], one is null or { MayBeNone: true } || other is null or { MayBeNone: true });
}
