using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OrleansChat.Core.RateLimiting;
using OrleansChat.GatewayApi.Problems;

namespace OrleansChat.GatewayApi.OpenAI;

/// <summary>Headers of answers on <c>/v1</c>.</summary>
internal static class CompletionHeaders
{
    private static readonly LimitHeaders Requests = new("x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests");
    private static readonly LimitHeaders Tokens = new("x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens");

    /// <summary>Announces the key's limits as OpenAI does.</summary>
    public static void SetLimits(IHeaderDictionary headers, RateLimitStatus status)
    {
        Set(headers, Requests, status.RequestsPerMinute ?? status.RequestsPerDay);
        Set(headers, Tokens, status.TokensPerMinute);
    }

    /// <summary>Makes the answer a stream that no proxy holds back.</summary>
    public static void SetStream(HttpContext context, string? contentType)
    {
        context.Response.ContentType = contentType ?? "text/event-stream";
        context.Response.Headers.CacheControl = "no-cache";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }

    private static void Set(IHeaderDictionary headers, LimitHeaders names, LimitStatus? status)
    {
        if (status is null)
            return;
        headers[names.Limit] = status.Limit.ToString(CultureInfo.InvariantCulture);
        headers[names.Remaining] = status.Remaining.ToString(CultureInfo.InvariantCulture);
        headers[names.Reset] = Duration(status.ResetSeconds);
    }

    // OpenAI writes Go durations: 850ms, 1.5s, 6m0s.
    private static string Duration(double seconds)
    {
        var milliseconds = WaitMilliseconds.Of(seconds);
        if (milliseconds < 1000)
            return string.Create(CultureInfo.InvariantCulture, $"{milliseconds}ms");
        var rest = milliseconds % 60_000 / 1000.0;
        var minutes = milliseconds / 60_000 % 60;
        var hours = milliseconds / 3_600_000;
        var text = hours > 0 ? $"{hours}h{minutes}m" : minutes > 0 ? $"{minutes}m" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{text}{rest:0.###}s");
    }

    private sealed record LimitHeaders(string Limit, string Remaining, string Reset);
}
