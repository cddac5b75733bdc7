using System.Globalization;
using System.Text;

namespace OrleansChat.GatewayApi.Bodies;

/// <summary>
/// JSON's grammar allows escapes that are half of a surrogate pair (RFC 8259, 8.2), which no text can hold. They are found before anything
/// is read, so that no reader of a name or value can stumble over them.
/// </summary>
internal static class Surrogates
{
    private const int EscapeLength = 6;

    /// <summary>Whether JSON holds half of a pair.</summary>
    /// <param name="json">JSON, well-formed or not, in UTF-8.</param>
    public static bool HasHalf(ReadOnlySpan<byte> json)
    {
        while (json.IndexOf((byte)'\\') is >= 0 and var at)
        {
            json = json[at..];
            if (Read(json) is not { } first)
            {
                // Any other escape, such as an escaped backslash, is two bytes long.
                json = json[Math.Min(2, json.Length)..];
                continue;
            }

            json = json[EscapeLength..];
            if (char.IsLowSurrogate(first))
                return true;
            if (!char.IsHighSurrogate(first))
                continue;
            if (Read(json) is not { } second || !char.IsLowSurrogate(second))
                return true;
            json = json[EscapeLength..];
        }

        return false;
    }

    private static char? Read(ReadOnlySpan<byte> json)
    {
        if (json.Length < EscapeLength || json[0] != '\\' || json[1] != 'u')
            return null;
        Span<char> digits = stackalloc char[4];
        Encoding.ASCII.GetChars(json[2..EscapeLength], digits);
        return ushort.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit) ? (char)unit : null;
    }
}
