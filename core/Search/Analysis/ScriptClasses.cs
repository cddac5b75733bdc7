using System.Globalization;
using System.Text;

namespace OrleansChat.Core.Search.Analysis;

/// <summary>What a character is to the word splitter.</summary>
internal enum CharacterClass
{
    /// <summary>Ends a word: space, punctuation, control characters, unassigned code points.</summary>
    Separator,

    /// <summary>Part of a word: letters, digits and the marks that follow them.</summary>
    Word,

    /// <summary>A character of a script that writes no spaces between words.</summary>
    Unspaced,

    /// <summary>A term of its own: emoji and other pictographs.</summary>
    Symbol,
}

/// <summary>Sorts characters by how their script separates words.</summary>
internal static class ScriptClasses
{
    // Block ranges from the Unicode character database (Blocks.txt): Thai and Lao, Myanmar, Khmer, kana with bopomofo and the
    // compatibility jamo, the Han extensions and compatibility ideographs, Hangul syllables, halfwidth katakana.
    private static readonly (int First, int Last)[] Unspaced =
    [
        (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3040, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF),
        (0xAC00, 0xD7AF), (0xF900, 0xFAFF), (0xFF66, 0xFF9F), (0x20000, 0x323AF),
    ];

    /// <summary>The class of a rune.</summary>
    public static CharacterClass Of(Rune rune)
    {
        if (rune.IsAscii)
            return char.IsAsciiLetterOrDigit((char)rune.Value) ? CharacterClass.Word : CharacterClass.Separator;

        switch (Rune.GetUnicodeCategory(rune))
        {
            case UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter:
            case UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber:
                return CharacterClass.Word;
            case UnicodeCategory.OtherLetter or UnicodeCategory.ModifierLetter:
            case UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark:
                return IsUnspaced(rune.Value) ? CharacterClass.Unspaced : CharacterClass.Word;
            case UnicodeCategory.OtherSymbol when rune != Rune.ReplacementChar:
                return CharacterClass.Symbol;
            default:
                return CharacterClass.Separator;
        }
    }

    private static bool IsUnspaced(int value)
    {
        foreach (var (first, last) in Unspaced)
        {
            if (value <= last)
                return value >= first;
        }

        return false;
    }
}
