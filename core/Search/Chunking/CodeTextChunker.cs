using System.Collections.Frozen;

namespace OrleansChat.Core.Search.Chunking;

/// <summary>Source code of any language, by blocks between blank lines; a block stays whole as long as it fits.</summary>
public sealed class CodeTextChunker : IChunker
{
    /// <summary>The name in a collection's settings; a document in a language whose symbols are known is cut by them all the same.</summary>
    public const string ChunkerName = "code";

    private static readonly FrozenSet<string> Extensions = FrozenSet.ToFrozenSet(
    [
        ".c", ".cc", ".cpp", ".cs", ".css", ".cxx", ".dart", ".ex", ".exs", ".fs", ".fsx", ".go", ".h", ".hpp", ".html", ".java", ".js",
        ".json", ".jsx", ".kt", ".lua", ".m", ".mjs", ".php", ".pl", ".props", ".ps1", ".py", ".r", ".rb", ".rs", ".scala", ".sh", ".sql",
        ".swift", ".targets", ".toml", ".ts", ".tsx", ".vb", ".xml", ".yaml", ".yml", ".zig",
    ], StringComparer.Ordinal);

    /// <inheritdoc/>
    public string Name => ChunkerName;

    /// <inheritdoc/>
    public bool Accepts(string? kind, string extension) => kind is ChunkerName || Extensions.Contains(extension);

    /// <inheritdoc/>
    public IReadOnlyList<Chunk> Split(string text, ChunkingOptions options)
    {
        var source = new SourceLines(text);
        var blocks = new List<Block>();
        for (var line = 0; line < source.Count;)
        {
            var end = Paragraphs.EndOf(source, line);
            if (end > line)
                blocks.Add(new Block(source.StartOf(line), source.StartOf(end), IsWhole: true));
            line = Math.Max(end, line + 1);
        }

        var packer = new ChunkPacker(source, options);
        packer.Add(new Section([], blocks));
        return packer.Chunks;
    }
}
