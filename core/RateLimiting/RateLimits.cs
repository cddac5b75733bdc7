using System.Text.Json.Serialization;

namespace OrleansChat.Core.RateLimiting;

/// <summary>The limits of one scope. A limit that is null does not apply; one of zero admits nothing.</summary>
public sealed record RateLimits
{
    /// <summary>No limit at all.</summary>
    public static readonly RateLimits None = new();

    /// <summary>Whether no limit applies.</summary>
    [JsonIgnore]
    public bool IsEmpty =>
        RequestsPerMinute is null && TokensPerMinute is null && RequestsPerDay is null && MaxConcurrent is null && MaxTokensPerRequest is null;

    /// <summary>Requests in any 60 seconds.</summary>
    public int? RequestsPerMinute { get; init; }

    /// <summary>Tokens, input and output, in any 60 seconds.</summary>
    public long? TokensPerMinute { get; init; }

    /// <summary>Requests in any 24 hours.</summary>
    public int? RequestsPerDay { get; init; }

    /// <summary>Requests under way at one time.</summary>
    public int? MaxConcurrent { get; init; }

    /// <summary>Tokens, input and output, of one request.</summary>
    public long? MaxTokensPerRequest { get; init; }

    /// <summary>Whether requests are counted over a sliding window or spaced evenly.</summary>
    public Pacing Pacing { get; init; } = Pacing.Window;

    /// <summary>With <see cref="Pacing.Smooth"/>: requests that may come at once after a pause; at least 1.</summary>
    public int? Burst { get; init; }

    /// <summary>
    /// How long a request waits at most, first come first served, for these limits to let it in; null to refuse it at once. One that
    /// certainly cannot pass by then is refused at once all the same.
    /// </summary>
    public TimeSpan? MaxWait { get; init; }
}
