using OrleansChat.Core.Search.Code.Scanning;

namespace OrleansChat.Core.Search.Code.Declarations;

/// <summary>Java.</summary>
internal sealed class JavaDeclarations : IDeclarationReader
{
    public Declaration Block(Header header, DeclarationPlace place)
    {
        var start = SkipAnnotations(header);
        if (start >= header.Count)
            return Declaration.Nothing;
        var declared = FindType(header, start);
        if (declared is null && header.Find(TokenKind.Assignment, start) < header.Count)
            return Declaration.Continued;
        declared ??= FindFunction(header, start, place);
        return declared is { } found ? found with { SignatureStart = header[start].Start } : Declaration.Nothing;
    }

    public Declaration Statement(Header header, DeclarationPlace place)
    {
        var start = SkipAnnotations(header);
        return place.Scope == ScopeKind.Type && header.Find(TokenKind.Assignment, start) >= header.Count && FindFunction(header, start, place) is { } found
            ? found with { SignatureStart = header[start].Start }
            : Declaration.Nothing;
    }

    // @Name, @a.b.Name and @Name(…), but not @interface.
    private static int SkipAnnotations(Header header)
    {
        var start = 0;
        while (header.Is(start, "@") && header.IsName(start + 1) && !header.Is(start + 1, "interface"))
        {
            start += 2;
            while (header.Is(start, ".") && header.IsName(start + 1))
                start += 2;
            if (header[start].Kind == TokenKind.Parentheses)
                start++;
        }

        return start;
    }

    private static Declaration? FindType(Header header, int start)
    {
        var end = header.Find(TokenKind.Assignment, start);
        for (var i = start; i < end && header[i].Kind != TokenKind.Parentheses; i++)
        {
            if (header.Text(i) is "class" or "interface" or "enum" && header.IsName(i + 1))
                return Declaration.Type(header.Name(i + 1));
            if (header.Is(i, "record") && header.IsName(i + 1) && header[i + 2].Kind is TokenKind.Parentheses or TokenKind.Generics)
                return Declaration.Type(header.Name(i + 1));
        }

        return null;
    }

    private static Declaration? FindFunction(Header header, int start, DeclarationPlace place)
    {
        if (place.Scope != ScopeKind.Type)
            return null;
        var (name, parameters) = header.FindParameters(start);
        return parameters < header.Count
            ? Declaration.Function(header.Name(name), place.Scope)
            : null;
    }
}
