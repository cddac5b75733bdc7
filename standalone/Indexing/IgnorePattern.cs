using System.Text;
using System.Text.RegularExpressions;

namespace OrleansChat.Standalone.Indexing;

/// <summary>
/// One line of an ignore file as Git reads it (gitignore(5)): <c>!</c> takes back, a slash at the end means folders only, a slash elsewhere ties the pattern
/// to the file's folder, <c>*</c> and <c>?</c> stay within a name, <c>**</c> does not.
/// </summary>
internal sealed class IgnorePattern
{
    private readonly Regex _path;
    private readonly bool _foldersOnly;

    private IgnorePattern(Regex path, bool foldersOnly, bool takesBack) => (_path, _foldersOnly, TakesBack) = (path, foldersOnly, takesBack);

    /// <summary>Whether what matches is not ignored after all.</summary>
    public bool TakesBack { get; }

    /// <summary>Reads a line; null for one without a pattern, or with one that cannot match.</summary>
    public static IgnorePattern? TryParse(string line)
    {
        var text = TrimEnd(line);
        if (text.Length == 0 || text[0] == '#')
            return null;
        var takesBack = text[0] == '!';
        text = takesBack ? text[1..] : text;
        var foldersOnly = text.EndsWith('/');
        text = foldersOnly ? text[..^1] : text;
        if (text.Length == 0 || Expression(text) is not { } expression)
            return null;

        try
        {
            // Its time is linear in the path, whatever somebody has written into the file.
            return new IgnorePattern(new Regex(expression, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline), foldersOnly, takesBack);
        }
        catch (ArgumentException)
        {
            // A range that runs backwards, such as [z-a].
            return null;
        }
    }

    /// <summary>Whether a path, from the ignore file's folder and with slashes, is meant.</summary>
    public bool Matches(string path, bool isFolder) => (isFolder || !_foldersOnly) && _path.IsMatch(path);

    private static string TrimEnd(string line)
    {
        var text = line.TrimEnd('\r').TrimEnd('\t');
        while (text.EndsWith(' ') && !text.EndsWith("\\ ", StringComparison.Ordinal))
            text = text[..^1];
        return text;
    }

    private static string? Expression(string pattern)
    {
        var expression = new StringBuilder(pattern.Contains('/') ? "^" : "^(?:.*/)?");
        for (var i = pattern[0] == '/' ? 1 : 0; i < pattern.Length; i++)
        {
            var rest = pattern.AsSpan(i);
            var isAfterSlash = i == 0 || pattern[i - 1] == '/';
            if (isAfterSlash && rest.StartsWith("**/"))
            {
                expression.Append("(?:.*/)?");
                i += 2;
            }
            else if (isAfterSlash && rest is "**")
            {
                expression.Append(".+");
                i++;
            }
            else if (rest[0] == '*')
            {
                expression.Append("[^/]*");
            }
            else if (rest[0] == '?')
            {
                expression.Append("[^/]");
            }
            else if (rest[0] == '[')
            {
                if (AppendClass(expression, rest) is not (var length and > 0))
                    return null;
                i += length - 1;
            }
            else
            {
                // A backslash at the end has nothing to stand for.
                if (rest[0] == '\\' && ++i == pattern.Length)
                    return null;
                expression.Append(Regex.Escape(pattern[i].ToString()));
            }
        }

        return expression.Append('$').ToString();
    }

    // Returns how long the class is in the pattern; 0 for one that never ends. No class means a slash.
    private static int AppendClass(StringBuilder expression, ReadOnlySpan<char> pattern)
    {
        var isNegated = pattern.Length > 1 && pattern[1] is '!' or '^';
        var start = isNegated ? 2 : 1;
        var members = new StringBuilder(isNegated ? "[^/" : "[");
        for (var i = start; i < pattern.Length; i++)
        {
            if (pattern[i] == ']' && i > start)
            {
                expression.Append(members).Append(']');
                return i + 1;
            }

            if (pattern[i] == '\\' && ++i == pattern.Length)
                return 0;
            members.Append(pattern[i] is '[' or ']' or '\\' or '^' ? $"\\{pattern[i]}" : pattern[i].ToString());
        }

        return 0;
    }
}
