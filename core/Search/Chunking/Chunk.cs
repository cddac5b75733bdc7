using OrleansChat.Core.Search.Code;

namespace OrleansChat.Core.Search.Chunking;

/// <summary>A part of a document that is embedded and found as one.</summary>
/// <param name="Text">A slice of the document, unchanged.</param>
/// <param name="TitlePath">The headings above it, outermost first; empty where there are none.</param>
/// <param name="StartLine">Its first line, from 1.</param>
/// <param name="EndLine">Its last line, inclusive.</param>
public sealed record Chunk(string Text, IReadOnlyList<string> TitlePath, int StartLine, int EndLine)
{
    /// <summary>What it is as source code; null for other text.</summary>
    public CodeSymbol? Code { get; init; }
}
