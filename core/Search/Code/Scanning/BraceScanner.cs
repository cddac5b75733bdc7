using OrleansChat.Core.Search.Chunking;

namespace OrleansChat.Core.Search.Code.Scanning;

/// <summary>Finds symbols where braces make blocks. One pass, with a stack of its own, so that no nesting is too deep.</summary>
internal sealed class BraceScanner(SourceLines source, char[] mask, IDeclarationReader reader, CodeSyntax syntax)
{
    private const int MaxScopes = 100_000;

    private readonly SymbolTree _symbols = new(source, mask);
    private readonly StatementEnds _ends = new(mask, syntax);
    private readonly List<Scope> _scopes = [];
    private int _statement;
    private int _parentheses;
    private int _beyond;
    private bool _isInTypeGroup;

    /// <summary>The symbols at the top.</summary>
    public IReadOnlyList<DeclaredSymbol> Scan()
    {
        for (var at = 0; at < mask.Length; at++)
        {
            switch (mask[at])
            {
                case '(' when OpensTypeGroup(at):
                    (_isInTypeGroup, _statement) = (true, at + 1);
                    break;
                case ')' when _isInTypeGroup && _parentheses == 0:
                    (_isInTypeGroup, _statement) = (false, at + 1);
                    break;
                case '(' or '[':
                    _parentheses++;
                    break;
                case ')' or ']' when _parentheses > 0:
                    _parentheses--;
                    break;
                case '{':
                    Open(at);
                    break;
                case '}':
                    Close(at);
                    break;
                case ';' when _parentheses == 0:
                    EndStatement(at + 1);
                    break;
                case '\n' when _parentheses == 0 && _ends.EndsAt(at, _statement):
                    EndStatement(at);
                    break;
            }

            _ends.Pass(at);
        }

        while (_scopes.Count > 0)
            Pop(mask.Length);
        return _symbols.Top;
    }

    private ScopeKind Current => _scopes.Count == 0 ? ScopeKind.File : _scopes[^1].Kind;

    private DeclarationPlace Place => new(Current, _symbols.TypeName, _isInTypeGroup);

    // Functions within functions matter where the language has them.
    private bool MayDeclare => _symbols.HasRoom && Current switch
    {
        ScopeKind.Function => syntax is CodeSyntax.CSharp or CodeSyntax.JavaScript or CodeSyntax.Rust,
        ScopeKind.Other => syntax is CodeSyntax.JavaScript,
        _ => true,
    };

    private void Open(int at)
    {
        if (_scopes.Count == MaxScopes)
        {
            _beyond++;
            return;
        }

        var declared = _parentheses == 0
            ? MayDeclare ? ReadBlock(at) : Declaration.Nothing
            : new Declaration { Scope = _ends.LastIs('(', ',', ':', '=') && syntax == CodeSyntax.JavaScript ? ScopeKind.Object : ScopeKind.Other, Continues = true };
        var symbol = declared.Kind is null ? null : _symbols.Open(declared, _statement, at);
        _scopes.Add(new Scope(declared.Scope, symbol, declared.Continues ? _statement : -1, _parentheses, declared.IsNamedAfter, IsAtLineStart(symbol)));
        (_statement, _parentheses) = (at + 1, 0);
    }

    private Declaration ReadBlock(int at)
    {
        var header = Header.Read(mask, _statement, at);
        return header.IsTooLong ? Declaration.Continued : reader.Block(header, Place);
    }

    private void Close(int at)
    {
        if (_beyond > 0)
        {
            _beyond--;
            return;
        }

        // In C a brace at the beginning of a line ends a declaration that began there, whatever conditional compilation has left open.
        if (syntax == CodeSyntax.Cpp && (at == 0 || mask[at - 1] is '\n' or '\r') && _scopes.FindLastIndex(scope => scope.BeginsLine) is >= 0 and var begun)
        {
            while (_scopes.Count > begun + 1)
                Pop(at);
        }

        if (_scopes.Count > 0)
            Pop(at + 1);
        else
            (_statement, _parentheses) = (at + 1, 0);
    }

    private void Pop(int end)
    {
        var scope = _scopes[^1];
        _scopes.RemoveAt(_scopes.Count - 1);
        if (scope.Symbol is { } symbol)
        {
            if (scope.IsNamedAfter)
                symbol.Name = NameAfter(end);
            _symbols.Close(symbol, end);
        }

        _statement = scope.Statement >= 0 ? scope.Statement : end;
        _parentheses = scope.Parentheses;
    }

    private void EndStatement(int end)
    {
        if (MayDeclare && Current != ScopeKind.Other)
        {
            var declared = reader.Statement(Header.Read(mask, _statement, end - 1), Place);
            if (declared.Name is not null)
                _symbols.Close(_symbols.Open(declared, _statement, BodyOf(end)), end);
        }

        _statement = end;
    }

    // The body of a function that is one expression begins at its arrow.
    private int BodyOf(int end)
    {
        var arrow = mask.AsSpan(_statement, Math.Min(end - _statement, Header.MaxLength)).IndexOf("=>");
        return arrow < 0 ? end : _statement + arrow;
    }

    private bool OpensTypeGroup(int at) =>
        syntax == CodeSyntax.Go && _parentheses == 0 && _scopes.Count == 0 && mask.AsSpan(_statement, at - _statement).Trim().SequenceEqual("type");

    private bool IsAtLineStart(DeclaredSymbol? symbol) =>
        symbol is not null && (symbol.SignatureStart == 0 || mask[symbol.SignatureStart - 1] is '\n' or '\r');

    private string NameAfter(int at)
    {
        while (at < mask.Length && char.IsWhiteSpace(mask[at]))
            at++;
        var end = at;
        while (end < mask.Length && Identifiers.IsPart(mask[end]))
            end++;
        return new string(mask, at, end - at);
    }

    private readonly record struct Scope(
        ScopeKind Kind, DeclaredSymbol? Symbol, int Statement, int Parentheses, bool IsNamedAfter, bool BeginsLine);
}
