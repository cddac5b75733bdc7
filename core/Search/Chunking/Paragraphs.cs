namespace OrleansChat.Core.Search.Chunking;

/// <summary>Runs of lines without a blank one.</summary>
internal static class Paragraphs
{
    /// <summary>The index of the first blank line from <paramref name="line"/> on, or the end; the line itself if it is blank.</summary>
    public static int EndOf(SourceLines source, int line)
    {
        while (line < source.Count && !source.IsBlank(line))
            line++;
        return line;
    }
}
