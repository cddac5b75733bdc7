namespace OrleansChat.Core.Search.Code.Scanning;

/// <summary>What names in source code are made of.</summary>
internal static class Identifiers
{
    /// <summary>Whether a character may stand within a name.</summary>
    public static bool IsPart(char character) =>
        char.IsAsciiLetterOrDigit(character) || character is '_' or '$' || (character > '\x7F' && char.IsLetterOrDigit(character));

    /// <summary>Whether a name may begin with a character.</summary>
    public static bool IsStart(char character) => IsPart(character) && !char.IsAsciiDigit(character);
}
