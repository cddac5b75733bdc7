using System.ComponentModel.DataAnnotations;
using OrleansChat.Core.RateLimiting;

namespace OrleansChat.Core.Settings;

/// <summary>Limits of a key, team, model or upstream; what is not given does not apply.</summary>
public sealed record LimitOptions
{
    /// <summary>Requests in any 60 seconds.</summary>
    [Range(0, 100_000_000)]
    public int? RequestsPerMinute { get; init; }

    /// <summary>Tokens, input and output, in any 60 seconds.</summary>
    [Range(0, 1_000_000_000_000)]
    public long? TokensPerMinute { get; init; }

    /// <summary>Requests in any 24 hours.</summary>
    [Range(0, 1_000_000_000)]
    public int? RequestsPerDay { get; init; }

    /// <summary>Requests under way at one time.</summary>
    [Range(0, 10_000_000)]
    public int? MaxConcurrent { get; init; }

    /// <summary>Tokens, input and output, of one request.</summary>
    [Range(0, 1_000_000_000)]
    public long? MaxTokensPerRequest { get; init; }

    /// <summary>How requests are spread.</summary>
    /// <value>The default is <see cref="Pacing.Window"/>.</value>
    public Pacing Pacing { get; init; } = Pacing.Window;

    /// <summary>With <c>Smooth</c>: requests that may come at once after a pause.</summary>
    [Range(1, 100_000_000)]
    public int? Burst { get; init; }

    /// <summary>How long a request waits at most, first come first served, for these limits to let it in; not given, it is refused at once.</summary>
    /// <value>Above zero, at most 1 hour.</value>
    [Range(typeof(TimeSpan), "00:00:00.001", "01:00:00")]
    public TimeSpan? MaxWait { get; init; }

    /// <summary>The limits as the domain takes them.</summary>
    /// <returns>The limits.</returns>
    public RateLimits ToLimits() => new()
    {
        RequestsPerMinute = RequestsPerMinute,
        TokensPerMinute = TokensPerMinute,
        RequestsPerDay = RequestsPerDay,
        MaxConcurrent = MaxConcurrent,
        MaxTokensPerRequest = MaxTokensPerRequest,
        Pacing = Pacing,
        Burst = Burst,
        MaxWait = MaxWait,
    };
}
