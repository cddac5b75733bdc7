namespace OrleansChat.Core.Search.Code.Scanning;

/// <summary>The tokens of a possible declaration: what stands between the end of one statement and the brace or semicolon of the next.</summary>
internal sealed class Header
{
    /// <summary>Longer ones declare nothing.</summary>
    public const int MaxLength = 8_192;

    private readonly char[] _mask;
    private readonly List<HeaderToken> _tokens = [];

    private Header(char[] mask) => _mask = mask;

    /// <summary>How many tokens there are.</summary>
    public int Count => _tokens.Count;

    /// <summary>Whether it was not read because it is longer than declarations are.</summary>
    public bool IsTooLong { get; private init; }

    /// <summary>A token; one of no kind of interest beyond the ends.</summary>
    public HeaderToken this[int index] => (uint)index < (uint)_tokens.Count ? _tokens[index] : new HeaderToken(TokenKind.Other, 0, 0);

    /// <summary>Reads the tokens of a stretch; none when it is too long.</summary>
    public static Header Read(char[] mask, int start, int end)
    {
        while (start < end && char.IsWhiteSpace(mask[start]))
            start++;
        var header = new Header(mask) { IsTooLong = end - start > MaxLength };
        if (header.IsTooLong)
            return header;
        for (var at = start; at < end;)
        {
            if (char.IsWhiteSpace(mask[at]))
            {
                at++;
                continue;
            }

            var token = header.Next(at, end);
            header._tokens.Add(token);
            at = token.End;
        }

        return header;
    }

    /// <summary>A token's text.</summary>
    public ReadOnlySpan<char> Text(int index) => _mask.AsSpan(this[index].Start, this[index].End - this[index].Start);

    /// <summary>A name as a string.</summary>
    public string Name(int index) => Text(index).ToString();

    /// <summary>Whether a token is this word or sign.</summary>
    public bool Is(int index, string text) => Text(index).SequenceEqual(text);

    /// <summary>Whether a token is a name.</summary>
    public bool IsName(int index) => this[index].Kind == TokenKind.Name;

    /// <summary>The first token of a kind from an index on; the count where there is none.</summary>
    public int Find(TokenKind kind, int from = 0)
    {
        var index = from;
        while (index < Count && this[index].Kind != kind)
            index++;
        return index;
    }

    /// <summary>The first token that is this word, from an index on; the count where there is none.</summary>
    public int Find(string word, int from = 0)
    {
        var index = from;
        while (index < Count && !Is(index, word))
            index++;
        return index;
    }

    /// <summary>The first parameter list from an index on, and the name before it; the count where there is none.</summary>
    public (int Name, int Parameters) FindParameters(int from = 0)
    {
        for (var index = from + 1; index < Count; index++)
        {
            if (this[index].Kind != TokenKind.Parentheses)
                continue;
            var name = this[index - 1].Kind == TokenKind.Generics ? index - 2 : index - 1;
            if (name >= from && IsName(name))
                return (name, index);
        }

        return (Count, Count);
    }

    private HeaderToken Next(int at, int end)
    {
        var character = _mask[at];
        if (Identifiers.IsPart(character))
        {
            var last = at + 1;
            while (last < end && Identifiers.IsPart(_mask[last]))
                last++;
            return new HeaderToken(TokenKind.Name, at, last);
        }

        var next = at + 1 < end ? _mask[at + 1] : '\0';
        return (character, next) switch
        {
            ('(', _) => new HeaderToken(TokenKind.Parentheses, at, EndOfGroup(at, end)),
            ('[', _) => new HeaderToken(TokenKind.Brackets, at, EndOfGroup(at, end)),
            ('{', _) => new HeaderToken(TokenKind.Braces, at, EndOfGroup(at, end)),
            ('<', _) when EndOfGenerics(at, end) is > 0 and var close => new HeaderToken(TokenKind.Generics, at, close),
            ('=', '>') => new HeaderToken(TokenKind.Arrow, at, at + 2),
            ('-', '>') => new HeaderToken(TokenKind.ReturnArrow, at, at + 2),
            (':', ':') => new HeaderToken(TokenKind.Scope, at, at + 2),
            ('=' or '!' or '<' or '>', '=') => new HeaderToken(TokenKind.Other, at, at + 2),
            ('=', _) => new HeaderToken(TokenKind.Assignment, at, at + 1),
            ('"', _) => new HeaderToken(TokenKind.Literal, at, at + 1),
            _ => new HeaderToken(TokenKind.Other, at, at + 1),
        };
    }

    // Brackets of all kinds count alike: what is read is well-formed, or it declares nothing of interest.
    private int EndOfGroup(int at, int end)
    {
        var depth = 0;
        for (var i = at; i < end; i++)
        {
            depth += _mask[i] switch { '(' or '[' or '{' => 1, ')' or ']' or '}' => -1, _ => 0 };
            if (depth == 0)
                return i + 1;
        }

        return end;
    }

    private int EndOfGenerics(int at, int end)
    {
        var depth = 0;
        for (var i = at; i < end; i++)
        {
            var character = _mask[i];
            if (character == '<')
                depth++;
            else if (character == '>' && _mask[i - 1] is not ('-' or '='))
                depth--;
            else if (!Identifiers.IsPart(character) && !char.IsWhiteSpace(character)
                && character is not (',' or '.' or '?' or '[' or ']' or '(' or ')' or '&' or '*' or ':' or '\'' or '=' or '>' or '-' or '+' or '|' or '"' or '@'))
                return 0;
            if (depth == 0)
                return i + 1;
        }

        return 0;
    }
}
