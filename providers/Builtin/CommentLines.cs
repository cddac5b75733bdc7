using System.Net;
using System.Text.RegularExpressions;

namespace OrleansChat.Providers.Builtin;

/// <summary>
/// Takes the marks of comments off lines of source code, so that what is quoted is what somebody wrote and not how it was set: <c>//</c>, <c>///</c>,
/// <c>/* … */</c> and the elements of C#'s documentation. The words stay as they stand in the source, in their order. For one text, line after line.
/// </summary>
internal sealed partial class CommentLines
{
    private bool _isInside;

    /// <summary>What a line, trimmed, says as a comment; null for one that is none.</summary>
    public string? TextOf(string line)
    {
        if (!_isInside && line.StartsWith("//", StringComparison.Ordinal))
            return Plain(line.TrimStart('/', '!', ' '));
        if (!_isInside && !line.StartsWith("/*", StringComparison.Ordinal))
            return null;

        var end = line.IndexOf("*/", _isInside ? 0 : 2, StringComparison.Ordinal);
        _isInside = end < 0;
        return Plain((end < 0 ? line : line[..end]).TrimStart('/', '*', '!', ' '));
    }

    private static string Plain(string text) =>
        text.Contains('<') ? WebUtility.HtmlDecode(Element().Replace(Reference().Replace(text, "$1"), "")).Trim() : text.Trim();

    // A reference is its name, without the letter that says what it names.
    [GeneratedRegex("""<(?:see|seealso|paramref|typeparamref)\s+\w+="(?:[A-Z]:)?([^"]*)"\s*/>""")]
    private static partial Regex Reference();

    [GeneratedRegex("""</?(?:summary|remarks|returns|value|param|typeparam|exception|example|inheritdoc|para|list|item|term|description|code|c|see|seealso)(?:\s[^>]*)?/?>""")]
    private static partial Regex Element();
}
