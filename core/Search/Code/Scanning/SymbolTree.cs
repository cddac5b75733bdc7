using OrleansChat.Core.Search.Chunking;

namespace OrleansChat.Core.Search.Code.Scanning;

/// <summary>Collects symbols into a tree while they are open.</summary>
internal sealed class SymbolTree(SourceLines source, char[] mask)
{
    /// <summary>What lies deeper declares nothing.</summary>
    public const int MaxDepth = 64;

    private readonly List<DeclaredSymbol> _open = [];
    private readonly List<DeclaredSymbol> _top = [];

    /// <summary>The symbols at the top.</summary>
    public IReadOnlyList<DeclaredSymbol> Top => _top;

    /// <summary>Whether another symbol may be opened.</summary>
    public bool HasRoom => _open.Count < MaxDepth;

    /// <summary>The innermost type that is open; null outside types.</summary>
    public string? TypeName => _open.FindLast(symbol => !SymbolKinds.IsFunction(symbol.Kind))?.Name;

    /// <summary>Opens a symbol.</summary>
    /// <param name="declaration">What it is; it has a kind.</param>
    /// <param name="statement">Where the statement before it ended.</param>
    /// <param name="body">Where its body begins, or it ends.</param>
    public DeclaredSymbol Open(Declaration declaration, int statement, int body)
    {
        var first = statement;
        while (first < body && char.IsWhiteSpace(mask[first]))
            first++;
        var container = _open.Count == 0 ? null : Join(_open[^1]);
        var symbol = new DeclaredSymbol
        {
            Name = declaration.Name ?? "",
            Container = declaration.Container is { } named ? container is null ? named : $"{container}.{named}" : container,
            Kind = declaration.Kind!,
            Start = StartWithComments(statement, first),
            SignatureStart = Math.Max(first, declaration.SignatureStart),
            Body = body,
            End = body,
        };
        (_open.Count == 0 ? _top : _open[^1].Inner).Add(symbol);
        _open.Add(symbol);
        return symbol;
    }

    /// <summary>Closes the symbol that was opened last.</summary>
    public void Close(DeclaredSymbol symbol, int end)
    {
        symbol.End = end;
        _open.Remove(symbol);
        if (symbol.Name.Length > 0)
            return;

        // It never got a name: what is within it counts as its surroundings'.
        var siblings = _open.Count == 0 ? _top : _open[^1].Inner;
        siblings.Remove(symbol);
        siblings.AddRange(symbol.Inner);
    }

    private static string Join(DeclaredSymbol symbol) => symbol.Container is null ? symbol.Name : $"{symbol.Container}.{symbol.Name}";

    // Lines without a blank one between them and the declaration are its comments, as far as they begin after the statement before.
    private int StartWithComments(int statement, int first)
    {
        var line = source.NumberAt(first) - 1;
        if (source.StartOf(line) < statement || mask.AsSpan(source.StartOf(line), first - source.StartOf(line)).ContainsAnyExcept(' ', '\t'))
            return first;
        while (line > 0 && source.StartOf(line - 1) >= statement && !source.IsBlank(line - 1))
            line--;
        return source.StartOf(line);
    }
}
