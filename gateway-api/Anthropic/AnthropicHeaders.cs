using System.Globalization;
using Microsoft.AspNetCore.Http;
using OrleansChat.Core.RateLimiting;

namespace OrleansChat.GatewayApi.Anthropic;

/// <summary>Anthropic's headers.</summary>
internal static class AnthropicHeaders
{
    /// <summary>Announces the key's limits as Anthropic does: with the moment of their reset.</summary>
    public static void SetLimits(IHeaderDictionary headers, RateLimitStatus status, DateTimeOffset now)
    {
        Set(headers, "requests", status.RequestsPerMinute ?? status.RequestsPerDay, now);
        Set(headers, "tokens", status.TokensPerMinute, now);
    }

    private static readonly string[] Passed = ["anthropic-version", "anthropic-beta"];

    /// <summary>The client's headers that an upstream of Anthropic's kind is to see.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> ToPass(HttpRequest request)
    {
        var headers = new List<KeyValuePair<string, string>>();
        foreach (var name in Passed)
        {
            foreach (var value in request.Headers[name])
            {
                if (value is { Length: > 0 })
                    headers.Add(new(name, value));
            }
        }

        return headers;
    }

    /// <summary>Whether the client asks for what is not final yet, by the query that its vendor's clients use.</summary>
    public static bool IsBeta(HttpRequest request) => request.Query["beta"] is ["true"];

    private static void Set(IHeaderDictionary headers, string kind, LimitStatus? status, DateTimeOffset now)
    {
        if (status is null)
            return;

        // Whole seconds, rounded up so that nobody comes too early.
        var reset = now.AddSeconds(status.ResetSeconds).AddTicks(TimeSpan.TicksPerSecond - 1).UtcDateTime;
        headers[$"anthropic-ratelimit-{kind}-limit"] = status.Limit.ToString(CultureInfo.InvariantCulture);
        headers[$"anthropic-ratelimit-{kind}-remaining"] = status.Remaining.ToString(CultureInfo.InvariantCulture);
        headers[$"anthropic-ratelimit-{kind}-reset"] = reset.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
    }
}
