namespace OrleansChat.Core.Search.Chunking;

/// <summary>
/// Packs the blocks of a section into chunks: blocks are added until the target size, a block that is too long is cut, and a new chunk
/// begins with the end of the one before.
/// </summary>
internal sealed class ChunkPacker(SourceLines source, ChunkingOptions options)
{
    private readonly List<Chunk> _chunks = [];

    /// <summary>The chunks so far.</summary>
    public IReadOnlyList<Chunk> Chunks => _chunks;

    /// <summary>Adds a section's chunks.</summary>
    public void Add(Section section)
    {
        var start = -1;
        var end = -1;
        var lastIsWhole = false;
        foreach (var block in Pieces(section.Blocks))
        {
            if (start >= 0 && (TokensOf(start, end) >= options.TargetTokens || TokensOf(start, block.End) > options.MaxTokens))
            {
                Emit(section, start, end);
                start = lastIsWhole ? -1 : OverlapStart(start, end);
                if (start >= 0 && TokensOf(start, block.End) > options.MaxTokens)
                    start = -1;
            }

            if (start < 0)
                start = block.Start;
            (end, lastIsWhole) = (block.End, block.IsWhole);
        }

        if (start >= 0)
            Emit(section, start, end);
    }

    // Blocks that fit; the others cut at the best places.
    private IEnumerable<Block> Pieces(List<Block> blocks)
    {
        foreach (var block in blocks)
        {
            var limit = block.IsWhole ? options.MaxTokens : options.TargetTokens;
            var start = block.Start;
            while (TokenEstimate.Fit(source.Text.AsSpan(start, block.End - start), limit) is var fit && start + fit < block.End)
            {
                var cut = start + TextCuts.LastWithin(source.Text.AsSpan(start, fit));
                yield return new Block(start, cut);
                start = cut;
            }

            yield return new Block(start, block.End, block.IsWhole && start == block.Start);
        }
    }

    private int OverlapStart(int start, int end)
    {
        if (options.OverlapTokens == 0)
            return -1;
        var earliest = Math.Max(start + 1, end - TokenEstimate.FitBackward(source.Text.AsSpan(start, end - start), options.OverlapTokens));
        var offset = TextCuts.FirstWithin(source.Text.AsSpan(earliest, end - earliest));
        return offset < 0 ? -1 : earliest + offset;
    }

    private int TokensOf(int start, int end) => TokenEstimate.Of(source.Text.AsSpan(start, end - start));

    private void Emit(Section section, int start, int end)
    {
        var slice = source.Text.AsSpan(start, end - start);
        var leading = slice.Length - slice.TrimStart().Length;
        var trimmed = slice.Trim();
        if (trimmed.IsEmpty)
            return;

        // Indentation of the first line belongs to the text; blank lines before it do not.
        var first = start + leading;
        var lineStart = Math.Max(start, source.StartOf(source.NumberAt(first) - 1));
        var text = source.Text.Substring(lineStart, first - lineStart + trimmed.Length);
        _chunks.Add(new Chunk(text, section.TitlePath, source.NumberAt(first), source.NumberAt(first + trimmed.Length - 1)) { Code = section.Code });
    }
}
