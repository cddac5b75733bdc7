namespace OrleansChat.Core.Search.Chunking;

/// <summary>Markdown by headings and paragraphs; fenced code blocks and tables stay whole as long as they fit.</summary>
public sealed class MarkdownChunker : IChunker
{
    /// <inheritdoc/>
    public string Name => "markdown";

    /// <inheritdoc/>
    public bool Accepts(string? kind, string extension) => kind is "markdown" or "md" || extension is ".md" or ".markdown" or ".mdx";

    /// <inheritdoc/>
    public IReadOnlyList<Chunk> Split(string text, ChunkingOptions options)
    {
        var source = new SourceLines(text);
        var packer = new ChunkPacker(source, options);
        foreach (var section in new MarkdownSections(source).Read())
            packer.Add(section);
        return packer.Chunks;
    }
}
