using System.Globalization;
using System.Net.Http.Headers;

namespace OrleansChat.Providers.Http;

/// <summary>
/// How long an upstream asks to wait: <c>retry-after-ms</c> if it sends one, since it is the more exact, otherwise
/// <c>Retry-After</c> in seconds or as a date (RFC 9110, section 10.2.3).
/// </summary>
internal static class RetryAfter
{
    /// <summary>The wait asked for, never negative; null if none is, or it cannot be understood.</summary>
    public static TimeSpan? Read(HttpResponseHeaders headers, DateTimeOffset now)
    {
        if (headers.TryGetValues("retry-after-ms", out var values)
            && double.TryParse(values.FirstOrDefault(), NumberStyles.Float, CultureInfo.InvariantCulture, out var milliseconds)
            && milliseconds >= 0 && milliseconds < TimeSpan.MaxValue.TotalMilliseconds)
        {
            return TimeSpan.FromMilliseconds(milliseconds);
        }

        if (headers.RetryAfter is { } header)
            return header.Delta ?? (header.Date is { } date ? Later(date - now) : null);
        // Some servers send fractions of seconds, which the RFC does not allow and .NET does not parse.
        return headers.TryGetValues("Retry-After", out var raw)
            && double.TryParse(raw.FirstOrDefault(), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
            && seconds >= 0 && seconds < TimeSpan.MaxValue.TotalSeconds
                ? TimeSpan.FromSeconds(seconds)
                : null;
    }

    private static TimeSpan Later(TimeSpan wait) => wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
}
