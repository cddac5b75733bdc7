namespace OrleansChat.Core.Search.Code.Scanning;

/// <summary>What a token of a declaration is. A group is one token with all that it encloses.</summary>
internal enum TokenKind
{
    Name,
    Parentheses,
    Brackets,
    Braces,
    Generics,
    Assignment,
    Arrow,
    ReturnArrow,
    Scope,
    Literal,
    Other,
}

/// <summary>One token.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Start">Where it starts in the source.</param>
/// <param name="End">Where it ends, exclusive.</param>
internal readonly record struct HeaderToken(TokenKind Kind, int Start, int End);
