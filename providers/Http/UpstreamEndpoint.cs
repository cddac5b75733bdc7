using OrleansChat.Core.Keys;
using OrleansChat.Providers.Resilience;

namespace OrleansChat.Providers.Http;

/// <summary>Where an upstream is and how to call it. Printing it never shows the key.</summary>
public sealed record UpstreamEndpoint
{
    /// <summary>The upstream's id.</summary>
    public required string Id { get; init; }

    /// <summary>Base URL; paths such as <c>/chat/completions</c> are appended.</summary>
    public required Uri BaseUrl { get; init; }

    /// <summary>The key, read for each request, so that a rotated key is used at once; null for none.</summary>
    public Secret? ApiKey { get; init; }

    /// <summary>Puts the key on a request.</summary>
    /// <value>Default: <c>Authorization: Bearer</c>.</value>
    public UpstreamKeyPlacement KeyPlacement { get; init; } = UpstreamKeyPlacement.Bearer;

    /// <summary>Path and query of a request below the base URL, where they are not simply the request's path.</summary>
    public Func<UpstreamRequest, string>? Route { get; init; }

    /// <summary>Headers sent with every request.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Time limits.</summary>
    public UpstreamTimeouts Timeouts { get; init; } = new();

    /// <summary>Retries before the first token.</summary>
    public UpstreamRetryOptions Retries { get; init; } = new();

    /// <summary>The id alone: an address may hold credentials.</summary>
    public override string ToString() => Id;
}

/// <summary>Which header carries an upstream's key.</summary>
public enum UpstreamKeyPlacement
{
    /// <summary><c>Authorization: Bearer KEY</c>.</summary>
    Bearer,

    /// <summary><c>x-api-key: KEY</c>.</summary>
    XApiKey,

    /// <summary><c>api-key: KEY</c>.</summary>
    ApiKey,
}
