namespace OrleansChat.Core.Search.Chunking;

/// <summary>What single lines of Markdown are (CommonMark 0.31, and tables as GitHub defines them).</summary>
internal static class MarkdownLines
{
    private const int MaxIndent = 3;
    private const int MaxHeadingLevel = 6;
    private const int MinFence = 3;

    /// <summary>The level and title of a heading such as <c>## Title ##</c>; level 0 for any other line.</summary>
    public static (int Level, string Title) Heading(ReadOnlySpan<char> line)
    {
        var text = line.TrimStart(' ');
        if (line.Length - text.Length > MaxIndent)
            return default;
        var body = text.TrimStart('#');
        var level = text.Length - body.Length;
        if (level is 0 or > MaxHeadingLevel || (body.Length > 0 && !char.IsWhiteSpace(body[0])))
            return default;

        var title = body.Trim();
        var unclosed = title.TrimEnd('#');
        var closes = unclosed.Length < title.Length && (unclosed.IsEmpty || char.IsWhiteSpace(unclosed[^1]));
        return (level, (closes ? unclosed.TrimEnd() : title).ToString());
    }

    /// <summary>The level of the heading that a line underlines: 1 for <c>===</c>, 2 for <c>---</c>, otherwise 0.</summary>
    public static int UnderlineLevel(ReadOnlySpan<char> line)
    {
        var text = line.Trim();
        if (text.Length < MinFence)
            return 0;
        return !text.ContainsAnyExcept('=') ? 1 : !text.ContainsAnyExcept('-') ? 2 : 0;
    }

    /// <summary>The fence that a line opens: its character and length; length 0 for any other line.</summary>
    public static (char Mark, int Length) FenceStart(ReadOnlySpan<char> line)
    {
        var text = line.TrimStart();
        if (text.IsEmpty || text[0] is not ('`' or '~'))
            return default;
        var info = text.TrimStart(text[0]);
        var length = text.Length - info.Length;
        return length >= MinFence && (text[0] == '~' || !info.Contains('`')) ? (text[0], length) : default;
    }

    /// <summary>Whether a line closes a fence.</summary>
    public static bool ClosesFence(ReadOnlySpan<char> line, (char Mark, int Length) fence)
    {
        var text = line.Trim();
        return text.Length >= fence.Length && !text.ContainsAnyExcept(fence.Mark);
    }

    /// <summary>Whether a line is the row of dashes below a table's head.</summary>
    public static bool IsTableRule(ReadOnlySpan<char> line)
    {
        var text = line.Trim();
        return text.Contains('|') && text.Contains('-') && !text.ContainsAnyExcept("|:- \t");
    }
}
