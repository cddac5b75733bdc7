namespace OrleansChat.Core.Search.Code.Scanning;

/// <summary>Regular expressions of JavaScript, which begin with the sign of a division.</summary>
internal static class RegularExpressions
{
    private static readonly string[] WordsBefore =
        ["return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "else", "do", "await", "yield"];

    /// <summary>Whether an expression, and so a regular one, may start after the last character of code.</summary>
    public static bool MayStart(ReadOnlySpan<char> mask, int last)
    {
        if (last < 0 || mask[last] is '(' or ',' or '=' or ':' or '[' or '!' or '&' or '|' or '?' or '{' or '}' or ';' or '+' or '-' or '*' or '%' or '<' or '>' or '~' or '^')
            return true;
        var before = mask[..(last + 1)];
        foreach (var word in WordsBefore)
        {
            if (before.EndsWith(word) && (before.Length == word.Length || !Identifiers.IsPart(before[^(word.Length + 1)])))
                return true;
        }

        return false;
    }

    /// <summary>The length of the expression that starts here; 0 when it does not end on the line.</summary>
    public static int LengthAt(ReadOnlySpan<char> text)
    {
        var isInClass = false;
        for (var i = 1; i < text.Length && text[i] is not ('\n' or '\r'); i++)
        {
            switch (text[i])
            {
                case '\\':
                    i++;
                    break;
                case '[':
                    isInClass = true;
                    break;
                case ']':
                    isInClass = false;
                    break;
                case '/' when !isInClass:
                    return i + 1;
            }
        }

        return 0;
    }
}
