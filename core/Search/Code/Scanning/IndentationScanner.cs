using OrleansChat.Core.Search.Chunking;

namespace OrleansChat.Core.Search.Code.Scanning;

/// <summary>Finds symbols where indentation makes blocks, as in Python.</summary>
internal sealed class IndentationScanner(SourceLines source, char[] mask)
{
    private const int TabStop = 8;

    private readonly SymbolTree _symbols = new(source, mask);
    private readonly List<(DeclaredSymbol Symbol, int Indent)> _open = [];
    private int _parentheses;
    private int _statement;
    private int _end;
    private bool _isDecorated;

    /// <summary>The symbols at the top.</summary>
    public IReadOnlyList<DeclaredSymbol> Scan()
    {
        for (var line = 0; line < source.Count; line++)
        {
            var (start, end) = (source.StartOf(line), source.StartOf(line + 1));
            var code = mask.AsSpan(start, end - start);
            var text = code.TrimStart(" \t\f");
            if (text.IsWhiteSpace())
            {
                // The rest of a literal of several lines; a comment belongs to what follows it.
                if (!source.IsBlank(line) && !source[line].TrimStart().StartsWith('#'))
                    _end = end;
                continue;
            }

            // A definition at the margin is one, whatever parenthesis was never closed above it.
            var word = Word(text);
            if (_parentheses == 0 || (text.Length == code.Length && word is "def" or "class" or "async"))
                BeginLine(start + code.Length - text.Length, Indent(code[..^text.Length]), word);
            _end = end;
            Count(text);
        }

        CloseFrom(0);
        return _symbols.Top;
    }

    private void BeginLine(int first, int indent, string? word)
    {
        _parentheses = 0;
        var dedented = _open.FindIndex(open => open.Indent >= indent);
        if (dedented >= 0)
            CloseFrom(dedented);
        if (!_isDecorated)
            _statement = _end;
        _isDecorated = mask[first] == '@';
        if (word is null || !_symbols.HasRoom)
            return;

        var header = Header.Read(mask, first, Math.Min(mask.Length, first + Header.MaxLength));
        var name = word == "async" ? 2 : 1;
        if ((word == "async" && !header.Is(1, "def")) || !header.IsName(name))
            return;
        var isInType = _open.Count > 0 && !SymbolKinds.IsFunction(_open[^1].Symbol.Kind);
        var declared = word == "class"
            ? Declaration.Type(header.Name(name))
            : Declaration.Function(header.Name(name), isInType ? ScopeKind.Type : ScopeKind.File);
        var colon = header.Find(":", name);
        var body = colon < header.Count ? header[colon].End : first + word.Length;
        _open.Add((_symbols.Open(declared with { SignatureStart = first }, _statement, body), indent));
    }

    private void CloseFrom(int index)
    {
        for (var i = _open.Count - 1; i >= index; i--)
            _symbols.Close(_open[i].Symbol, _end);
        _open.RemoveRange(index, _open.Count - index);
    }

    private void Count(ReadOnlySpan<char> text)
    {
        foreach (var character in text)
            _parentheses = Math.Max(0, _parentheses + character switch { '(' or '[' or '{' => 1, ')' or ']' or '}' => -1, _ => 0 });
    }

    private static string? Word(ReadOnlySpan<char> text) =>
        text.StartsWith("def ") ? "def" : text.StartsWith("class ") ? "class" : text.StartsWith("async ") ? "async" : null;

    private static int Indent(ReadOnlySpan<char> space)
    {
        var indent = 0;
        foreach (var character in space)
            indent = character == '\t' ? (indent / TabStop + 1) * TabStop : indent + 1;
        return indent;
    }
}
