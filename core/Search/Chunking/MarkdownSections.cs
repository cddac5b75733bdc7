namespace OrleansChat.Core.Search.Chunking;

/// <summary>Reads Markdown into sections of blocks.</summary>
internal sealed class MarkdownSections(SourceLines source)
{
    private readonly Outline _outline = new();

    /// <summary>The sections in order.</summary>
    public IReadOnlyList<Section> Read()
    {
        var line = ReadFrontMatter();
        while (line < source.Count)
        {
            if (source.IsBlank(line))
                line++;
            else if (MarkdownLines.Heading(source[line]) is { Level: > 0 } heading)
                line = AddHeading(heading.Level, heading.Title, line, line + 1);
            else if (MarkdownLines.FenceStart(source[line]) is { Length: > 0 } fence)
                line = Add(line, EndOfFence(line, fence), isWhole: true);
            else if (StartsTable(line))
                line = Add(line, Paragraphs.EndOf(source, line), isWhole: true);
            else
                line = AddParagraph(line);
        }

        return _outline.Sections;
    }

    // Settings between two lines of dashes at the very start, as many site generators have them.
    private int ReadFrontMatter()
    {
        if (!source[0].TrimEnd().SequenceEqual("---"))
            return 0;
        for (var line = 1; line < source.Count; line++)
        {
            if (source[line].TrimEnd() is "---" or "...")
                return Add(0, line + 1, isWhole: true);
        }

        return 0;
    }

    private int AddParagraph(int first)
    {
        var line = first + 1;
        while (line < source.Count && !source.IsBlank(line))
        {
            if (line == first + 1 && MarkdownLines.UnderlineLevel(source[line]) is > 0 and var level)
                return AddHeading(level, source[first].Trim().ToString(), first, line + 1);
            if (MarkdownLines.Heading(source[line]).Level > 0 || MarkdownLines.FenceStart(source[line]).Length > 0 || StartsTable(line))
                break;
            line++;
        }

        return Add(first, line, isWhole: false);
    }

    private int EndOfFence(int first, (char Mark, int Length) fence)
    {
        for (var line = first + 1; line < source.Count; line++)
        {
            if (MarkdownLines.ClosesFence(source[line], fence))
                return line + 1;
        }

        return source.Count;
    }

    private bool StartsTable(int line) =>
        line + 1 < source.Count && source[line].Contains('|') && MarkdownLines.IsTableRule(source[line + 1]);

    private int AddHeading(int level, string title, int first, int end)
    {
        _outline.BeginSection(level, title, new Block(source.StartOf(first), source.StartOf(end)));
        return end;
    }

    private int Add(int first, int end, bool isWhole)
    {
        _outline.Add(new Block(source.StartOf(first), source.StartOf(end), isWhole));
        return end;
    }
}
