using System.Text.Json;

namespace OrleansChat.GatewayApi.Bodies;

/// <summary>
/// Moments as ISO 8601 writes them, extended: a date alone is its midnight, and what names no offset is UTC, whatever the server's own time zone. Nothing else is understood, since
/// <c>11/12/2026</c> is one day here and another there.
/// </summary>
internal static class IsoTime
{
    private const int DateLength = 10;

    /// <summary>Reads a moment.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The moment in UTC; null where the text is none.</returns>
    public static DateTimeOffset? Read(string text)
    {
        // RFC 3339 lets 't' and 'z' stand for 'T' and 'Z', and a space for the 'T'.
        var upper = text.ToUpperInvariant();
        var whole = upper.Length == DateLength ? $"{upper}T00:00Z"
            : upper.Length > DateLength && upper[DateLength] is ' ' ? $"{upper[..DateLength]}T{upper[(DateLength + 1)..]}"
            : upper;
        if (whole.Length > DateLength && whole.AsSpan(DateLength).IndexOfAny('Z', '+', '-') < 0)
            whole += "Z";
        return JsonSerializer.SerializeToElement(whole).TryGetDateTimeOffset(out var time) ? time.ToUniversalTime() : null;
    }
}
