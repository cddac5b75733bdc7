namespace OrleansChat.Core.Search.Code.Scanning;

/// <summary>Finds where string and character literals begin, and how they end.</summary>
internal static class StringForms
{
    private const int MaxRawDelimiter = 16;

    /// <summary>The literal that starts at a place, with the length of its opening; length 0 where none does.</summary>
    public static (StringForm Form, int Length) At(ReadOnlySpan<char> text, int at, CodeSyntax syntax) => text[at] switch
    {
        '"' => Double(text, at, syntax),
        '\'' => Single(text, at, syntax),
        '`' when syntax is CodeSyntax.JavaScript => (new StringForm("`", Escapes: true, IsMultiLine: true, HoleOpener: "${"), 1),
        '`' when syntax is CodeSyntax.Go => (new StringForm("`", Escapes: false, IsMultiLine: true), 1),
        'r' or 'b' when syntax is CodeSyntax.Rust => RustRaw(text, at),
        'R' when syntax is CodeSyntax.Cpp => CppRaw(text, at),
        _ => default,
    };

    private static (StringForm Form, int Length) Double(ReadOnlySpan<char> text, int at, CodeSyntax syntax)
    {
        switch (syntax)
        {
            case CodeSyntax.CSharp:
                return CSharp(text, at, Run(text, at, '"'));
            case CodeSyntax.Java or CodeSyntax.Python when text[at..].StartsWith("\"\"\""):
                return (new StringForm("\"\"\"", Escapes: true, IsMultiLine: true), 3);
            case CodeSyntax.Rust:
                return (new StringForm("\"", Escapes: true, IsMultiLine: true), 1);
            default:
                return (StringForm.Quoted('"'), 1);
        }
    }

    private static (StringForm Form, int Length) CSharp(ReadOnlySpan<char> text, int at, int quotes)
    {
        var (isVerbatim, dollars) = (false, 0);
        for (var before = at - 1; before >= 0 && text[before] is '$' or '@'; before--)
        {
            isVerbatim |= text[before] == '@';
            dollars += text[before] == '$' ? 1 : 0;
        }

        var hole = dollars == 0 ? null : new string('{', dollars);
        if (isVerbatim)
            return (new StringForm("\"", Escapes: false, DoubledQuote: true, IsMultiLine: true, hole), 1);
        return quotes >= 3
            ? (new StringForm(new string('"', quotes), Escapes: false, IsMultiLine: true, HoleOpener: hole), quotes)
            : (new StringForm("\"", Escapes: true, HoleOpener: hole), 1);
    }

    private static (StringForm Form, int Length) Single(ReadOnlySpan<char> text, int at, CodeSyntax syntax)
    {
        switch (syntax)
        {
            case CodeSyntax.Python when text[at..].StartsWith("'''"):
                return (new StringForm("'''", Escapes: true, IsMultiLine: true), 3);
            // 'a is a lifetime, 'a' a character.
            case CodeSyntax.Rust when !IsRustCharacter(text, at):
            // 1'000'000
            case CodeSyntax.Cpp when at > 0 && char.IsAsciiHexDigit(text[at - 1]) && at + 1 < text.Length && char.IsAsciiHexDigit(text[at + 1]):
                return default;
            default:
                return (StringForm.Quoted('\''), 1);
        }
    }

    private static bool IsRustCharacter(ReadOnlySpan<char> text, int at)
    {
        if (at + 2 >= text.Length)
            return false;
        return text[at + 1] == '\\' || text[at + 2] == '\''
            || (at + 3 < text.Length && char.IsHighSurrogate(text[at + 1]) && text[at + 3] == '\'');
    }

    private static (StringForm Form, int Length) RustRaw(ReadOnlySpan<char> text, int at)
    {
        if (at > 0 && Identifiers.IsPart(text[at - 1]))
            return default;
        var place = text[at] == 'b' && at + 1 < text.Length && text[at + 1] == 'r' ? at + 2 : text[at] == 'r' ? at + 1 : text.Length;
        var hashes = Run(text, place, '#');
        return place + hashes < text.Length && text[place + hashes] == '"'
            ? (new StringForm("\"" + new string('#', hashes), Escapes: false, IsMultiLine: true), place + hashes + 1 - at)
            : default;
    }

    private static (StringForm Form, int Length) CppRaw(ReadOnlySpan<char> text, int at)
    {
        if (at + 1 >= text.Length || text[at + 1] != '"' || (at > 0 && Identifiers.IsPart(text[at - 1]) && text[at - 1] is not ('u' or 'U' or 'L' or '8')))
            return default;
        var rest = text[(at + 2)..Math.Min(text.Length, at + 3 + MaxRawDelimiter)];
        var delimiter = rest.IndexOf('(');
        return delimiter < 0 ? default
            : (new StringForm($"){rest[..delimiter]}\"", Escapes: false, IsMultiLine: true), delimiter + 3);
    }

    private static int Run(ReadOnlySpan<char> text, int at, char character)
    {
        var end = at;
        while (end < text.Length && text[end] == character)
            end++;
        return end - at;
    }
}
