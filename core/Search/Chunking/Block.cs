using OrleansChat.Core.Search.Code;

namespace OrleansChat.Core.Search.Chunking;

/// <summary>A run of lines that belong together.</summary>
/// <param name="Start">Where it starts in the text.</param>
/// <param name="End">Where it ends, exclusive; the next block may start there or after blank lines.</param>
/// <param name="IsWhole">Whether it is kept together as long as it fits into a chunk: a code block or a table.</param>
internal readonly record struct Block(int Start, int End, bool IsWhole = false);

/// <summary>Blocks under one heading.</summary>
/// <param name="TitlePath">The headings, outermost first.</param>
/// <param name="Blocks">Its blocks in order, the heading's own line first.</param>
internal sealed record Section(IReadOnlyList<string> TitlePath, List<Block> Blocks)
{
    /// <summary>What it is as source code; null for other text.</summary>
    public CodeSymbol? Code { get; init; }
}
