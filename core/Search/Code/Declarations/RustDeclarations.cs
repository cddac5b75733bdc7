using OrleansChat.Core.Search.Code.Scanning;

namespace OrleansChat.Core.Search.Code.Declarations;

/// <summary>Rust.</summary>
internal sealed class RustDeclarations : IDeclarationReader
{
    public Declaration Block(Header header, DeclarationPlace place)
    {
        var start = SkipAttributes(header);
        if (header.Find(TokenKind.Assignment, start) < header.Find("fn", start))
            return Declaration.Continued;
        return Read(header, start, place) is { } found ? found with { SignatureStart = header[start].Start } : Declaration.Nothing;
    }

    public Declaration Statement(Header header, DeclarationPlace place)
    {
        var start = SkipAttributes(header);
        var declared = place.Scope is ScopeKind.File or ScopeKind.Type ? Read(header, start, place) : null;
        return declared is { Name: not null, Kind: not SymbolKinds.Implementation } found
            ? found with { SignatureStart = header[start].Start }
            : Declaration.Nothing;
    }

    private static int SkipAttributes(Header header)
    {
        var start = 0;
        while (header.Is(start, "#"))
        {
            start += header.Is(start + 1, "!") ? 2 : 1;
            if (header[start].Kind == TokenKind.Brackets)
                start++;
        }

        return start;
    }

    private static Declaration? Read(Header header, int start, DeclarationPlace place)
    {
        for (var i = start; i < header.Count; i++)
        {
            switch (header.Text(i))
            {
                case "fn" when header.IsName(i + 1):
                    return Declaration.Function(header.Name(i + 1), place.Scope);
                case "struct" or "enum" or "trait" or "union" or "type" when header.IsName(i + 1) && place.Scope != ScopeKind.Function:
                    return Declaration.Type(header.Name(i + 1));
                case "impl":
                    return Implementation(header, i + 1);
                case "mod" when header.IsName(i + 1):
                case "extern" when header.Find("fn", i) == header.Count:
                    return Declaration.File();
                case "macro_rules" when header.IsName(i + 2):
                    return Declaration.Function(header.Name(i + 2), place.Scope) with { Scope = ScopeKind.Other };
                case "if" or "match" or "while" or "for" or "loop" or "let" or "return":
                    return null;
            }
        }

        return null;
    }

    // impl<T> Trait<T> for path::Type<T> where …: functions of Type.
    private static Declaration Implementation(Header header, int first)
    {
        var @for = header.Find("for", first);
        var name = "";
        for (var i = @for < header.Count ? @for + 1 : first; i < header.Count && !header.Is(i, "where"); i++)
        {
            if (header.IsName(i) && header.Text(i) is not ("dyn" or "mut" or "const"))
                name = header.Name(i);
            else if (header[i].Kind == TokenKind.Generics && name.Length > 0)
                break;
        }

        return name.Length == 0 ? Declaration.Nothing : Declaration.Type(name) with { Kind = SymbolKinds.Implementation };
    }
}
