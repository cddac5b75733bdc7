using OrleansChat.Core.Caching;
using OrleansChat.Core.Costs;
using OrleansChat.Core.RateLimiting;

namespace OrleansChat.Core.Keys;

/// <summary>An API key without its secret: who calls, and under which limits.</summary>
public sealed record ApiKey
{
    /// <summary>The id of the key that stands for callers from this machine while no key is configured.</summary>
    public const string LocalId = "local";

    /// <summary>The id under whose name the server's own calls to models are booked, which no key causes, such as those of a migration.</summary>
    public const string SystemId = "system";

    /// <summary>Its id, as in settings, limits and ledgers.</summary>
    public required string Id { get; init; }

    /// <summary>The team it belongs to; null for none.</summary>
    public string? Team { get; init; }

    /// <summary>Whether it may see and change what is not its own.</summary>
    public bool Admin { get; init; }

    /// <summary>The limits of scope <c>key:{Id}</c>.</summary>
    public RateLimits Limits { get; init; } = RateLimits.None;

    /// <summary>The budget of scope <c>key:{Id}</c>; null for none.</summary>
    public Budget? Budget { get; init; }

    /// <summary>The ids of the models that it may use; null for all.</summary>
    public IReadOnlyList<string>? Models { get; init; }

    /// <summary>The ids of the upstreams that may answer it; null for all.</summary>
    public IReadOnlyList<string>? Upstreams { get; init; }

    /// <summary>The names of the collections that it may use; null for all.</summary>
    public IReadOnlyList<string>? Collections { get; init; }

    /// <summary>Whether its requests may be answered from the cache; null to leave it to the model.</summary>
    public CacheScope? Cache { get; init; }

    /// <summary>Whether what it asks and is answered is logged.</summary>
    public bool LogContent { get; init; }
}
