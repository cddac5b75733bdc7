using OrleansChat.Core.Search.Code.Scanning;

namespace OrleansChat.Core.Search.Code.Declarations;

/// <summary>JavaScript and TypeScript.</summary>
internal sealed class JavaScriptDeclarations : IDeclarationReader
{
    public Declaration Block(Header header, DeclarationPlace place)
    {
        var start = SkipModifiers(header);
        if (start >= header.Count)
            return Declaration.Nothing;
        var declared = header.Text(start) switch
        {
            "class" or "interface" or "enum" => header.IsName(start + 1) && header.Text(start + 1) is not "extends"
                ? Declaration.Type(header.Name(start + 1))
                : new Declaration { Scope = ScopeKind.Type },
            "namespace" or "module" when header.IsName(start + 1) => Declaration.File(),
            "function" => NamedFunction(header, start, place),
            "const" when header.Is(start + 1, "enum") && header.IsName(start + 2) => Declaration.Type(header.Name(start + 2)),
            "type" when header.IsName(start + 1) && header.Find(TokenKind.Assignment) < header.Count => Declaration.Type(header.Name(start + 1)),
            "return" => new Declaration { Scope = header.Count == start + 1 ? ScopeKind.Object : ScopeKind.Function },
            _ => Other(header, start, place),
        };
        return declared with { SignatureStart = header[start].Start };
    }

    public Declaration Statement(Header header, DeclarationPlace place)
    {
        var start = SkipModifiers(header);
        var assignment = header.Find(TokenKind.Assignment, start);
        if (header.Is(start, "type") && header.IsName(start + 1) && assignment < header.Count)
            return Declaration.Type(header.Name(start + 1)) with { SignatureStart = header[start].Start };
        var arrow = header.Find(TokenKind.Arrow, assignment);
        return arrow < header.Count && IsFunctionFrom(header, assignment + 1, arrow)
            ? Assigned(header, start, place) with { SignatureStart = header[start].Start }
            : Declaration.Nothing;
    }

    private static int SkipModifiers(Header header)
    {
        var start = 0;
        while (start < header.Count)
        {
            if (header.Is(start, "@") && header.IsName(start + 1))
            {
                start += 2;
                while (header.Is(start, ".") && header.IsName(start + 1))
                    start += 2;
                start += header[start].Kind == TokenKind.Parentheses ? 1 : 0;
            }
            else if (header.Text(start) is "export" or "default" or "declare" or "abstract" or "async" or "static" or "public" or "private" or "protected"
                or "readonly" or "override" or "get" or "set" or "accessor" or "*" or "#"
                && header[start + 1].Kind is not (TokenKind.Parentheses or TokenKind.Assignment) && start + 1 < header.Count)
            {
                start++;
            }
            else
            {
                break;
            }
        }

        return start;
    }

    private static Declaration NamedFunction(Header header, int word, DeclarationPlace place)
    {
        var name = header.Is(word + 1, "*") ? word + 2 : word + 1;
        return header.IsName(name) ? Declaration.Function(header.Name(name), place.Scope) : new Declaration { Scope = ScopeKind.Function };
    }

    private static Declaration Other(Header header, int start, DeclarationPlace place)
    {
        var last = header.Count - 1;
        if (header[last].Kind == TokenKind.Arrow || header.Find("function", start) < header.Count)
            return Assigned(header, start, place);
        if (header[last].Kind == TokenKind.Assignment || header.Is(last, ":"))
            return new Declaration { Name = null, Scope = ScopeKind.Object };
        if (header.Find(TokenKind.Assignment, start) < header.Count)
            return header.Find("class", start) < header.Count && header.IsName(start + 1) ? Declaration.Type(header.Name(start + 1)) : Declaration.Continued;
        if (place.Scope is not (ScopeKind.Type or ScopeKind.Object))
            return Declaration.Nothing;

        var (name, parameters) = header.FindParameters(start);
        return parameters < header.Count && name == start
            ? Declaration.Function(header.Name(name), place.Scope)
            : Declaration.Nothing;
    }

    // name = …, a.b.name = …, name: …, each with a function to the right.
    private static Declaration Assigned(Header header, int start, DeclarationPlace place)
    {
        var assignment = header.Find(TokenKind.Assignment, start);
        var colon = header.Find(":", start);
        var end = Math.Min(assignment, colon);
        if (end == header.Count || (assignment == header.Count && place.Scope != ScopeKind.Object && place.Scope != ScopeKind.Type))
            return new Declaration { Scope = ScopeKind.Function };
        var first = header.Text(start) is "const" or "let" or "var" ? start + 1 : start;
        var name = end - 1;
        if (!header.IsName(name) || name < first)
            return new Declaration { Scope = ScopeKind.Function };

        var container = "";
        for (var i = name - 2; i >= first && header.Is(i + 1, ".") && header.IsName(i); i -= 2)
        {
            if (header.Text(i) is not ("exports" or "module" or "prototype" or "this" or "window" or "self" or "globalThis"))
                container = container.Length == 0 ? header.Name(i) : $"{header.Name(i)}.{container}";
        }

        return Declaration.Function(header.Name(name), place.Scope, container.Length == 0 ? null : container);
    }

    // async? (…) =>, or name =>, possibly with types.
    private static bool IsFunctionFrom(Header header, int first, int arrow)
    {
        first += header.Is(first, "async") ? 1 : 0;
        first += header[first].Kind == TokenKind.Generics ? 1 : 0;
        return header[first].Kind == TokenKind.Parentheses ? arrow == first + 1 || header.Is(first + 1, ":") : header.IsName(first) && arrow == first + 1;
    }
}
