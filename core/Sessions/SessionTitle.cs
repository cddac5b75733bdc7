namespace OrleansChat.Core.Sessions;

/// <summary>The title of a session whose maker gave none.</summary>
internal static class SessionTitle
{
    private const int MaxLength = 60;
    private const char Ellipsis = '…';

    /// <summary>The beginning of a message, cut at the end of a word.</summary>
    /// <param name="message">The session's first message.</param>
    /// <returns>At most 61 characters on one line; null for a message of white space alone.</returns>
    public static string? Of(string message)
    {
        // Only the beginning is looked at: a message can be a megabyte.
        var beginning = message.TrimStart();
        beginning = beginning[..Math.Min(beginning.Length, 4 * MaxLength)];
        var line = string.Join(' ', beginning.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        if (line.Length <= MaxLength)
            return line.Length > 0 ? line : null;

        var end = line.LastIndexOf(' ', MaxLength);
        if (end < MaxLength / 2)
            end = char.IsHighSurrogate(line[MaxLength - 1]) ? MaxLength - 1 : MaxLength;

        return line[..end].TrimEnd() + Ellipsis;
    }
}
