using OrleansChat.Core.Search.Code.Scanning;

namespace OrleansChat.Core.Search.Code.Declarations;

/// <summary>C and C++.</summary>
internal sealed class CppDeclarations : IDeclarationReader
{
    public Declaration Block(Header header, DeclarationPlace place)
    {
        var start = SkipLabels(header);
        if (start >= header.Count)
            return Declaration.Nothing;
        if (header.Is(start, "namespace") || (header.Is(start, "inline") && header.Is(start + 1, "namespace"))
            || (header.Is(start, "extern") && header[start + 1].Kind == TokenKind.Literal && start + 2 == header.Count))
            return Declaration.File();

        var (name, parameters) = FindFunction(header, start, place);
        if (parameters == header.Count && FindType(header, start) is { } type)
            return type with { SignatureStart = header[start].Start };
        var isOperator = header.Find("operator", start) < header.Count;
        if (parameters == header.Count || (!isOperator && header.Find(TokenKind.Assignment, start) < parameters))
            return header.Find(TokenKind.Assignment, start) < header.Count ? Declaration.Continued : Declaration.Nothing;
        if (InitializesMember(header, parameters))
            return Declaration.Continued;
        return Function(header, start, name, place) with { SignatureStart = header[start].Start };
    }

    public Declaration Statement(Header header, DeclarationPlace place)
    {
        var start = SkipLabels(header);
        if (place.Scope is ScopeKind.File or ScopeKind.Type && header.Is(start, "typedef") && header.IsName(header.Count - 1) && header.Count > start + 2)
            return Declaration.Type(header.Name(header.Count - 1));
        return header.Is(start, "using") && header[start + 2].Kind == TokenKind.Assignment
            ? Declaration.Type(header.Name(start + 1))
            : Declaration.Nothing;
    }

    // public: and the like, [[attributes]] and template <…>.
    private static int SkipLabels(Header header)
    {
        var start = 0;
        while (start < header.Count)
        {
            if (header[start].Kind == TokenKind.Brackets)
                start++;
            else if (header.Is(start, "template") && header[start + 1].Kind == TokenKind.Generics)
                start += 2;
            else if (header.Text(start) is "public" or "private" or "protected" or "signals" or "slots" && header.Is(start + 1, ":"))
                start += 2;
            else
                break;
        }

        return start;
    }

    private static Declaration? FindType(Header header, int start)
    {
        for (var i = start; i < header.Count && header[i].Kind != TokenKind.Assignment; i++)
        {
            if (header.Text(i) is not ("class" or "struct" or "union" or "enum"))
                continue;
            string? name = null;
            for (var next = i + 1; next < header.Count && !header.Is(next, ":"); next++)
            {
                if (header.IsName(next) && header.Text(next) is not ("final" or "class" or "struct") && !IsAttribute(header, next))
                    name = header.Name(next);
            }

            return name is null ? new Declaration { Kind = SymbolKinds.Type, Scope = ScopeKind.Type, IsNamedAfter = true } : Declaration.Type(name);
        }

        return null;
    }

    // The last list before the members' initializers that is not an annotation's; names in capitals are those of annotations where there are others.
    private static (int Name, int Parameters) FindFunction(Header header, int start, DeclarationPlace place)
    {
        if (place.Scope is not (ScopeKind.File or ScopeKind.Type))
            return (header.Count, header.Count);
        var (best, bestIsAnnotation) = ((header.Count, header.Count), true);
        for (var (name, parameters) = header.FindParameters(start); parameters < header.Count; (name, parameters) = header.FindParameters(parameters))
        {
            if (header.Find(":", start) < parameters)
                break;
            var isAnnotation = !header.Text(name).ContainsAnyInRange('a', 'z');
            if (!IsAttribute(header, name) && !ControlWords.Contains(header, name) && (bestIsAnnotation || !isAnnotation))
                (best, bestIsAnnotation) = ((name, parameters), isAnnotation);
        }

        var sign = header.Find("operator", start);
        return sign < header.Count && header.Find(TokenKind.Parentheses, sign) is var list && list < header.Count ? (sign, list) : best;
    }

    private static bool IsAttribute(Header header, int index) =>
        header.Text(index) is "__attribute__" or "__declspec" or "alignas" or "noexcept" or "requires" or "throw" or "decltype" or "explicit" or "asm";

    private static bool InitializesMember(Header header, int parameters) =>
        header.Find(":", parameters) < header.Count && (header.IsName(header.Count - 1) || header[header.Count - 1].Kind == TokenKind.Generics);

    private static Declaration Function(Header header, int start, int name, DeclarationPlace place)
    {
        var text = header.Is(name, "operator") ? OperatorName(header, name) : header.Name(name);
        var before = name - 1;
        if (header.Is(before, "~"))
        {
            text = $"~{text}";
            before--;
        }

        string? container = null;
        if (header[before].Kind == TokenKind.Scope)
        {
            var type = header[before - 1].Kind == TokenKind.Generics ? before - 2 : before - 1;
            container = header.IsName(type) ? header.Name(type) : null;
        }

        var isOfType = place.TypeName is { } outer && header.Is(name, outer);
        return place.Scope == ScopeKind.Type && name == start && !isOfType && container is null
            ? Declaration.Nothing
            : Declaration.Function(text, place.Scope, container);
    }

    private static string OperatorName(Header header, int word)
    {
        var parameters = header.Find(TokenKind.Parentheses, word + 1);
        if (parameters == word + 1)
            return "operator ()";
        var sign = "";
        for (var i = word + 1; i < parameters; i++)
            sign += header.Name(i);
        return $"operator {sign}";
    }
}
