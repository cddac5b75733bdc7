using System.ComponentModel.DataAnnotations;
using OrleansChat.Core.Caching;

namespace OrleansChat.Core.Settings;

/// <summary>A model as clients name it, and the upstreams that answer for it.</summary>
public sealed record ModelOptions
{
    /// <summary>The id of the model that answers when a client names none.</summary>
    public const string DefaultId = "default";

    /// <summary>Its id: letters, digits, '.', '_', ':', '/' and '-', at most 128.</summary>
    public string Id { get; init; } = "";

    /// <summary>Targets as <c>upstream/model</c>, tried in this order but where weights say otherwise.</summary>
    public IReadOnlyList<RouteItem> Route { get; init; } = [];

    /// <summary>
    /// How long a stream's first token may take before the next target is asked beside the first; whichever begins to answer first goes on, and the
    /// other is stopped and paid for what it was sent.
    /// </summary>
    /// <value>The default is null: one target is asked at a time. 10 milliseconds to 1 hour.</value>
    public TimeSpan? HedgeAfter { get; init; }

    /// <summary>Tokens that fit in its window, input and output.</summary>
    /// <value>The default is 128,000.</value>
    [Range(256, 100_000_000)]
    public int ContextTokens { get; init; } = 128_000;

    /// <summary>Tokens of an answer, sent upstream when the caller gives no limit.</summary>
    /// <value>The default is 4,096.</value>
    [Range(1, 10_000_000)]
    public int MaxOutputTokens { get; init; } = 4_096;

    /// <summary>The price of a million input tokens in US dollars.</summary>
    [Range(0d, 1_000_000d)]
    public decimal InputUsdPerMillion { get; init; }

    /// <summary>The price of a million output tokens in US dollars.</summary>
    [Range(0d, 1_000_000d)]
    public decimal OutputUsdPerMillion { get; init; }

    /// <summary>The price of a million input tokens that the upstream reads from its cache, in US dollars.</summary>
    /// <value>The default is <see cref="InputUsdPerMillion"/>.</value>
    [Range(0d, 1_000_000d)]
    public decimal? CachedInputUsdPerMillion { get; init; }

    /// <summary>The price of a million input tokens that the upstream writes to its cache, in US dollars; Anthropic counts them.</summary>
    /// <value>The default is <see cref="InputUsdPerMillion"/>.</value>
    [Range(0d, 1_000_000d)]
    public decimal? CacheWriteUsdPerMillion { get; init; }

    /// <summary>The price of a million output tokens that are reasoning, in US dollars.</summary>
    /// <value>The default is <see cref="OutputUsdPerMillion"/>.</value>
    [Range(0d, 1_000_000d)]
    public decimal? ReasoningUsdPerMillion { get; init; }

    /// <summary>The limits that all its callers share.</summary>
    public LimitOptions Limits { get; init; } = new();

    /// <summary>Whether requests on <c>/v1</c> may be answered from the cache, where the caller's key does not say.</summary>
    /// <value>The default is <see cref="CacheScope.Off"/>.</value>
    public CacheScope Cache { get; init; } = CacheScope.Off;
}
