using System.Buffers.Text;
using System.Globalization;
using System.Text;
using OrleansChat.Core.Errors;

namespace OrleansChat.Core.Sessions;

/// <summary>A place in the list of sessions: most recently used first, then by id. A client sees it as an opaque text.</summary>
/// <param name="Ticks">When the session was last used, in UTC ticks.</param>
/// <param name="Id">The session.</param>
internal readonly record struct SessionCursor(long Ticks, string Id) : IComparable<SessionCursor>
{
    /// <summary>After every session.</summary>
    public static readonly SessionCursor End = new(long.MinValue, "");

    /// <summary>The place of a line.</summary>
    public static SessionCursor Of(SessionLine line) => new(line.LastActiveAt.UtcTicks, line.Id);

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <exception cref="RequestException">It is not a cursor.</exception>
    public static SessionCursor Parse(string text)
    {
        var bytes = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        if (Base64Url.IsValid(text) && Base64Url.TryDecodeFromChars(text, bytes, out var length))
        {
            var parts = Encoding.UTF8.GetString(bytes, 0, length).Split(' ', 2);
            if (parts.Length == 2 && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks))
                return new SessionCursor(ticks, parts[1]);
        }

        throw RequestException.Invalid("cursor", "The cursor is not one of this list's.", "Send the nextCursor of the page before, unchanged.");
    }

    /// <inheritdoc/>
    public int CompareTo(SessionCursor other)
    {
        var byTime = other.Ticks.CompareTo(Ticks);
        return byTime != 0 ? byTime : string.CompareOrdinal(Id, other.Id);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Ticks} {Id}")));
}
