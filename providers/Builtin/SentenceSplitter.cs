using System.Text;

namespace OrleansChat.Providers.Builtin;

/// <summary>
/// Cuts plain or Markdown text into sentences fit to be quoted: headings, rules, tables and fenced code are left out, list items and
/// paragraphs give sentences of their own, comments of source code lose their marks, and a full stop inside a number, a name or an abbreviation does not end one.
/// </summary>
internal static class SentenceSplitter
{
    /// <summary>A longer sentence is cut at a word.</summary>
    private const int MaxCharacters = 400;

    /// <summary>A shorter one says nothing on its own.</summary>
    private const int MinCharacters = 12;

    private static readonly string[] Abbreviations = ["e.g.", "i.e.", "etc.", "vs.", "cf.", "Mr.", "Mrs.", "Dr.", "No.", "approx.", "resp."];

    /// <summary>The sentences in order.</summary>
    public static IEnumerable<string> Split(string text)
        => Blocks(text).SelectMany(Sentences).Where(sentence => sentence.Length >= MinCharacters).Select(Clip);

    /// <summary>Paragraphs and list items, each on one line.</summary>
    private static IEnumerable<string> Blocks(string text)
    {
        var block = new StringBuilder();
        var comments = new CommentLines();
        var isCode = false;
        var wasComment = false;
        foreach (var raw in text.Split('\n'))
        {
            var line = raw.Trim();
            var comment = isCode ? null : comments.TextOf(line);
            line = comment ?? line;

            // A comment does not run on into what it is about.
            if (wasComment != (comment is not null) && block.Length > 0)
            {
                yield return block.ToString();
                block.Clear();
            }

            wasComment = comment is not null;
            if (line.StartsWith("```", StringComparison.Ordinal) || line.StartsWith("~~~", StringComparison.Ordinal))
            {
                isCode = !isCode;
                line = "";
            }

            var item = ListItem(line);
            if ((isCode || line.Length == 0 || item is not null || IsFurniture(line)) && block.Length > 0)
            {
                yield return block.ToString();
                block.Clear();
            }

            if (isCode || line.Length == 0 || IsFurniture(line))
                continue;
            if (block.Length > 0)
                block.Append(' ');
            block.Append(item ?? line.TrimStart('>', ' '));
        }

        if (block.Length > 0)
            yield return block.ToString();
    }

    private static IEnumerable<string> Sentences(string block)
    {
        var start = 0;
        for (var i = 0; i < block.Length; i++)
        {
            if (!IsEnd(block, i))
                continue;
            // Quotes and brackets that close with the sentence belong to it.
            var end = i + 1;
            while (end < block.Length && block[end] is '"' or '\'' or ')' or '”' or '»')
                end++;
            yield return block[start..end].Trim();
            start = end;
            i = end - 1;
        }

        if (start < block.Length)
            yield return block[start..].Trim();
    }

    private static bool IsEnd(string text, int at)
    {
        if (text[at] is '。' or '！' or '？')
            return true;
        if (text[at] is not ('.' or '!' or '?'))
            return false;
        var next = at + 1;
        while (next < text.Length && text[next] is '"' or '\'' or ')' or '”' or '»')
            next++;
        if (next < text.Length && !char.IsWhiteSpace(text[next]))
            return false;
        return text[at] != '.' || !Array.Exists(Abbreviations, word => text.AsSpan(0, at + 1).EndsWith(word, StringComparison.Ordinal));
    }

    private static string? ListItem(string line)
    {
        if (line.Length > 2 && line[0] is '-' or '*' or '+' && line[1] == ' ')
            return line[2..].TrimStart();
        var digits = line.AsSpan().IndexOfAnyExceptInRange('0', '9');
        return digits is > 0 and <= 3 && line.Length > digits + 2 && line[digits] is '.' or ')' && line[digits + 1] == ' '
            ? line[(digits + 2)..].TrimStart()
            : null;
    }

    private static bool IsFurniture(string line)
        => line[0] is '#' or '|' or '<' || line.AsSpan().IndexOfAnyExcept("-=*_ ") < 0;

    private static string Clip(string sentence)
    {
        if (sentence.Length <= MaxCharacters)
            return sentence;
        var cut = sentence.LastIndexOf(' ', MaxCharacters);
        return sentence[..(cut > 0 ? cut : MaxCharacters)] + " …";
    }
}
