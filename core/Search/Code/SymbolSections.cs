using System.Buffers;
using OrleansChat.Core.Search.Chunking;
using OrleansChat.Core.Search.Code.Scanning;

namespace OrleansChat.Core.Search.Code;

/// <summary>
/// Cuts a source file into sections by its symbols. A function is a section of its own, and is cut along the functions within it only when it does not
/// fit into a chunk. A type without functions is a section; one with functions gives them their own, and keeps what lies between.
/// </summary>
internal sealed class SymbolSections(SourceLines source, char[] mask, CodeLanguage language, ChunkingOptions options)
{
    private static readonly SearchValues<char> Closing = SearchValues.Create("{}()[];, \t\r\n");

    private readonly List<Section> _sections = [];

    /// <summary>The sections in order; together they hold the whole text.</summary>
    public IReadOnlyList<Section> Read(IReadOnlyList<DeclaredSymbol> symbols)
    {
        AddRange(0, source.Text.Length, symbols, null);
        return _sections;
    }

    private void AddRange(int start, int end, IReadOnlyList<DeclaredSymbol> symbols, DeclaredSymbol? owner)
    {
        var at = start;
        foreach (var symbol in symbols)
        {
            // Two on one line, or a broken source: what overlaps is left to what came first.
            var first = Math.Max(at, symbol.Start);
            if (symbol.End <= first)
                continue;
            AddGap(at, first, owner);
            AddSymbol(symbol, first);
            at = symbol.End;
        }

        AddGap(at, end, owner);
    }

    private void AddSymbol(DeclaredSymbol symbol, int start)
    {
        var isSplit = SymbolKinds.IsFunction(symbol.Kind)
            ? symbol.Inner.Count > 0 && TokenEstimate.Of(source.Text.AsSpan(start, symbol.End - start)) > options.MaxTokens
            : symbol.Inner.Count > 0;
        if (isSplit)
            AddRange(start, symbol.End, symbol.Inner, symbol);
        else
            Add(start, symbol.End, symbol);
    }

    // Brackets that close say nothing alone, so they stay with what they close.
    private void AddGap(int start, int end, DeclaredSymbol? owner)
    {
        var gap = mask.AsSpan(start, end - start);
        var isBlank = source.Text.AsSpan(start, end - start).IsWhiteSpace();
        if (isBlank)
            return;
        var closes = !gap.ContainsAnyExcept(Closing) && !HidesText(start, end);
        if (closes && _sections.Count > 0)
        {
            var last = _sections[^1];
            var block = last.Blocks[^1];
            last.Blocks[^1] = block with { End = end };
            return;
        }

        Add(start, end, owner);
    }

    private bool HidesText(int start, int end) =>
        !source.Text.AsSpan(start, end - start).SequenceEqual(mask.AsSpan(start, end - start));

    private void Add(int start, int end, DeclaredSymbol? symbol)
    {
        var code = symbol is null ? new CodeSymbol { Language = language.Name } : Describe(symbol);
        IReadOnlyList<string> path = symbol is null ? [] : [.. (symbol.Container ?? "").Split('.', StringSplitOptions.RemoveEmptyEntries), symbol.Name];

        // A whole function stays whole; what else there is, is cut at blank lines.
        var isWhole = symbol is not null && TokenEstimate.Of(source.Text.AsSpan(start, end - start)) <= options.MaxTokens;
        var blocks = isWhole ? [new Block(start, end, IsWhole: true)] : Blocks(start, end);
        _sections.Add(new Section(path, blocks) { Code = code });
    }

    private List<Block> Blocks(int start, int end)
    {
        var blocks = new List<Block>();
        var line = source.NumberAt(start) - 1;
        while (start < end)
        {
            while (line < source.Count && source.StartOf(line) < end && source.IsBlank(line))
                line++;
            var last = Math.Min(end, source.StartOf(Paragraphs.EndOf(source, line)));
            if (last <= start)
                last = end;
            blocks.Add(new Block(start, last, IsWhole: true));
            start = last;
            line = start < end ? source.NumberAt(start) - 1 : line;
        }

        return blocks;
    }

    private CodeSymbol Describe(DeclaredSymbol symbol) => new()
    {
        Language = language.Name,
        Name = symbol.Name,
        Container = symbol.Container,
        Kind = symbol.Kind,
        Signature = Measures.Signature(source.Text.AsSpan(symbol.SignatureStart, Math.Max(0, symbol.Body - symbol.SignatureStart))),
        Complexity = Measures.Complexity(mask.AsSpan(symbol.Body, Math.Max(0, symbol.End - symbol.Body))),
        Line = source.NumberAt(symbol.SignatureStart),
        EndLine = source.NumberAt(Math.Max(symbol.Start, symbol.End - 1)),
    };
}
