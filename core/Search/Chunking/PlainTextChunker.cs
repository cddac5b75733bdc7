namespace OrleansChat.Core.Search.Chunking;

/// <summary>Plain text by paragraphs, with lines underlined by === or --- as headings.</summary>
public sealed class PlainTextChunker : IChunker
{
    /// <inheritdoc/>
    public string Name => "text";

    /// <inheritdoc/>
    public bool Accepts(string? kind, string extension) => kind is "text" or "plain" || extension is ".txt" or ".text" or ".rst" or ".log";

    /// <inheritdoc/>
    public IReadOnlyList<Chunk> Split(string text, ChunkingOptions options)
    {
        var source = new SourceLines(text);
        var packer = new ChunkPacker(source, options);
        var outline = new Outline();
        for (var line = 0; line < source.Count;)
        {
            var end = Paragraphs.EndOf(source, line);
            if (end == line)
            {
                line++;
                continue;
            }

            var level = line + 1 < end ? MarkdownLines.UnderlineLevel(source[line + 1]) : 0;
            if (level > 0)
            {
                outline.BeginSection(level, source[line].Trim().ToString(), new Block(source.StartOf(line), source.StartOf(line + 2)));
                line += 2;
            }
            else
            {
                outline.Add(new Block(source.StartOf(line), source.StartOf(end)));
                line = end;
            }
        }

        foreach (var section in outline.Sections)
            packer.Add(section);
        return packer.Chunks;
    }
}
