using System.Collections.ObjectModel;
using OrleansChat.Core.Caching;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Routing;

/// <summary>A model as clients name it.</summary>
public sealed record Model
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>The upstreams that answer for it, in the order in which they are tried; never empty.</summary>
    public required IReadOnlyList<UpstreamTarget> Route { get; init; }

    /// <summary>The shares of the targets that have weights; the others are tried in their place.</summary>
    public IReadOnlyDictionary<UpstreamTarget, RouteShare> Shares { get; init; } = ReadOnlyDictionary<UpstreamTarget, RouteShare>.Empty;

    /// <summary>How long a stream's first token may take before the next target is asked beside the first; null for never.</summary>
    public TimeSpan? HedgeAfter { get; init; }

    /// <summary>Tokens that fit in its window, input and output.</summary>
    public required int ContextTokens { get; init; }

    /// <summary>Tokens of an answer when the caller gives no limit.</summary>
    public required int MaxOutputTokens { get; init; }

    /// <summary>What its tokens cost.</summary>
    public required Price Price { get; init; }

    /// <summary>The limits of scope <c>model:{Id}</c>.</summary>
    public required RateLimits Limits { get; init; }

    /// <summary>Whether requests may be answered from the cache, where the caller's key does not say.</summary>
    public CacheScope Cache { get; init; } = CacheScope.Off;
}
