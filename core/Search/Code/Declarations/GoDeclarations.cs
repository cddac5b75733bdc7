using OrleansChat.Core.Search.Code.Scanning;

namespace OrleansChat.Core.Search.Code.Declarations;

/// <summary>Go.</summary>
internal sealed class GoDeclarations : IDeclarationReader
{
    public Declaration Block(Header header, DeclarationPlace place)
    {
        var endsInType = header.Text(header.Count - 1) is "struct" or "interface";
        if (header.Is(0, "func"))
            return endsInType ? Declaration.Continued : Function(header);
        if (header.Is(0, "type") && header.IsName(1))
            return Declaration.Type(header.Name(1));

        if (place is { IsInTypeGroup: true, Scope: ScopeKind.File } && endsInType && header.IsName(0))
            return Declaration.Type(header.Name(0));
        return header.Find(TokenKind.Assignment) < header.Count || endsInType ? Declaration.Continued : Declaration.Nothing;
    }

    public Declaration Statement(Header header, DeclarationPlace place) =>
        place is { IsInTypeGroup: true, Scope: ScopeKind.File } && header.IsName(0) && header.Count > 1 ? Declaration.Type(header.Name(0))
        : header.Is(0, "type") && header.IsName(1) && header.Count > 2 && place.Scope == ScopeKind.File ? Declaration.Type(header.Name(1))
        : Declaration.Nothing;

    private static Declaration Function(Header header)
    {
        var hasReceiver = header[1].Kind == TokenKind.Parentheses;
        var name = hasReceiver ? 2 : 1;
        return header.IsName(name)
            ? Declaration.Function(header.Name(name), ScopeKind.File, hasReceiver ? Receiver(header.Text(1)) : null)
            : Declaration.Nothing;
    }

    // (p *Parser[T]) is a receiver of type Parser.
    private static string Receiver(ReadOnlySpan<char> group)
    {
        var type = group.Trim("()").TrimEnd();
        if (type.IndexOf('[') is > 0 and var parameters)
            type = type[..parameters].TrimEnd();
        var start = type.LastIndexOfAny(" *\t");
        return type[(start + 1)..].ToString();
    }
}
