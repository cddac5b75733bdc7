using OrleansChat.Core.Search.Code.Scanning;

namespace OrleansChat.Core.Search.Code.Declarations;

/// <summary>C#.</summary>
internal sealed class CSharpDeclarations : IDeclarationReader
{
    public Declaration Block(Header header, DeclarationPlace place)
    {
        var start = SkipAttributes(header);
        if (start == header.Count)
            return Declaration.Nothing;
        var declared = FindType(header, start);
        if (declared is null && Math.Min(header.Find(TokenKind.Assignment, start), header.Find(TokenKind.Arrow, start)) < header.Count)
            return Declaration.Continued;
        declared ??= FindFunction(header, start, place);
        return declared is { } found ? found with { SignatureStart = header[start].Start } : Declaration.Nothing;
    }

    public Declaration Statement(Header header, DeclarationPlace place)
    {
        var start = SkipAttributes(header);
        if (start == header.Count || header.Find(TokenKind.Assignment) < header.Find(TokenKind.Arrow))
            return Declaration.Nothing;
        var arrow = header.Find(TokenKind.Arrow);
        if (arrow == header.Count && place.Scope is not (ScopeKind.Type or ScopeKind.File))
            return Declaration.Nothing;
        var declared = FindType(header, start) ?? FindDelegate(header, start);
        if (declared is null && (arrow < header.Count || place.Scope == ScopeKind.Type))
            declared = FindFunction(header, start, place);
        return declared is { Name: not null } found ? found with { SignatureStart = header[start].Start } : Declaration.Nothing;
    }

    private static int SkipAttributes(Header header)
    {
        var start = 0;
        while (header[start].Kind == TokenKind.Brackets)
            start++;
        return start;
    }

    private static Declaration? FindType(Header header, int start)
    {
        var end = Math.Min(header.Find(TokenKind.Parentheses, start), header.Find(TokenKind.Assignment, start));
        for (var i = start; i < end; i++)
        {
            switch (header.Text(i))
            {
                case "namespace":
                    return Declaration.File();
                case "class" or "struct" or "interface" or "enum" when header.IsName(i + 1):
                    return Declaration.Type(header.Name(i + 1));
                case "record" when header.IsName(i + 1):
                    var isShort = !(header.Is(i + 1, "class") || header.Is(i + 1, "struct"));
                    return Declaration.Type(header.Name(isShort ? i + 1 : i + 2));
                case "extension":
                    return new Declaration { Scope = ScopeKind.Type };
            }
        }

        return header.Is(start, "extension") ? new Declaration { Scope = ScopeKind.Type } : null;
    }

    private static Declaration? FindDelegate(Header header, int start)
    {
        var word = header.Find("delegate", start);
        return word < header.Count && header.FindParameters(word) is var (name, parameters) && parameters < header.Count && name > word + 1
            ? Declaration.Type(header.Name(name))
            : null;
    }

    private static Declaration? FindFunction(Header header, int start, DeclarationPlace place)
    {
        var word = header.Find("operator", start);
        if (word < header.Count && place.Scope == ScopeKind.Type)
            return Declaration.Function(OperatorName(header, word), place.Scope);
        if (place.Scope == ScopeKind.Type && header[header.Count - 1].Kind == TokenKind.Brackets && header.Is(header.Count - 2, "this"))
            return Declaration.Function("this", place.Scope);

        var (name, parameters) = header.FindParameters(start);
        var isMember = place.Scope == ScopeKind.Type;
        if (parameters == header.Count || (!isMember && (ControlWords.Contains(header, name) || ControlWords.Contains(header, start))))
            return null;
        if (header.Find(TokenKind.Assignment, start) < parameters || header.Find(TokenKind.Arrow, start) < parameters)
            return null;
        var isConstructor = isMember && place.TypeName is { } type && header.Is(name, type);
        if (header.Is(name - 1, "~"))
            return Declaration.Function($"~{header.Name(name)}", place.Scope);
        return isConstructor || (name > start && !header.Is(name - 1, ".")) || (isMember && name > start + 2)
            ? Declaration.Function(header.Name(name), place.Scope)
            : null;
    }

    private static string OperatorName(Header header, int word)
    {
        var parameters = header.Find(TokenKind.Parentheses, word + 1);
        var sign = "";
        for (var i = word + 1; i < parameters; i++)
            sign += header.Name(i);
        return $"operator {sign}";
    }
}
