using System.Text;

namespace OrleansChat.Core.Search.Analysis;

/// <summary>
/// Spells letters with accents, full-width letters and ligatures with plain letters, so that "café", its decomposed form and "cafe" are one
/// word. Covers Latin and Greek; other scripts stay as they are. (Unicode normalization is not there in invariant globalization.)
/// </summary>
internal static class LetterFolding
{
    /// <summary>The most UTF-16 code units that one rune becomes.</summary>
    public const int MaxLength = 3;

    // U+00DF to U+017F, one entry each: the plain spelling, or a dash for none. Upper case never gets here.
    private const int FirstLatin = 0x00DF;
    private const string Latin =
        "ss a a a a a a ae c e e e e i i i i d n o o o o o - o u u u u y th y " +
        "a a a a a a c c c c c c c c d d d d e e e e e e e e e e g g g g g g g g h h h h i i i i i i i i i i ij ij j j k k k l l l l l l l l l l n n n n n n n n n " +
        "o o o o o o oe oe r r r r r r s s s s s s s s t t t t t t u u u u u u u u u u u u w w y y y z z z z z z s";

    private static readonly string[] LatinSpellings = Latin.Split(' ');

    // The Vietnamese and other letters of U+1EA0 to U+1EF9, by the end of each run.
    private static readonly (int Last, char Letter)[] Vietnamese =
        [(0x1EB7, 'a'), (0x1EC7, 'e'), (0x1ECB, 'i'), (0x1EE3, 'o'), (0x1EF1, 'u'), (0x1EF9, 'y')];

    /// <summary>Writes a letter in lower case in its plain spelling and returns how many code units that took; 0 for a combining accent.</summary>
    public static int Write(Rune letter, Span<char> target)
    {
        var value = letter.Value;
        if (value < FirstLatin)
            return letter.EncodeToUtf16(target);
        if (value - FirstLatin < LatinSpellings.Length)
            return LatinSpellings[value - FirstLatin] is not "-" and var spelling ? Copy(spelling, target) : letter.EncodeToUtf16(target);

        switch (value)
        {
            case >= 0x0300 and <= 0x036F:
                return 0;
            case 0x01A1:
                return Copy("o", target);
            case 0x01B0:
                return Copy("u", target);
            case >= 0x1EA0 and <= 0x1EF9:
                target[0] = Array.Find(Vietnamese, run => value <= run.Last).Letter;
                return 1;
            case >= 0xFF10 and <= 0xFF19 or >= 0xFF41 and <= 0xFF5A:
                target[0] = (char)(value - 0xFF00 + 0x20);
                return 1;
            default:
                return Ligature(value) is { } letters ? Copy(letters, target)
                    : new Rune(Greek(value)).EncodeToUtf16(target);
        }
    }

    private static int Copy(string spelling, Span<char> target)
    {
        spelling.CopyTo(target);
        return spelling.Length;
    }

    private static string? Ligature(int value) => value switch
    {
        0xFB00 => "ff",
        0xFB01 => "fi",
        0xFB02 => "fl",
        0xFB03 => "ffi",
        0xFB04 => "ffl",
        0xFB05 or 0xFB06 => "st",
        _ => null,
    };

    // Letters with tonos, and the final sigma.
    private static int Greek(int value) => value switch
    {
        'ά' => 'α',
        'έ' => 'ε',
        'ή' => 'η',
        'ί' => 'ι',
        'ό' => 'ο',
        'ύ' => 'υ',
        'ώ' => 'ω',
        'ς' => 'σ',
        _ => value,
    };
}
