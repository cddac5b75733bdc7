namespace OrleansChat.Core.Search.Code.Scanning;

/// <summary>Decides whether a line end ends a statement, where a language lets semicolons be left out.</summary>
internal sealed class StatementEnds(char[] mask, CodeSyntax syntax)
{
    private int _last = -1;
    private int _asked = -1;

    /// <summary>Takes note of a character.</summary>
    public void Pass(int at)
    {
        if (!char.IsWhiteSpace(mask[at]))
            _last = at;
    }

    /// <summary>Whether the last character but blank space was one of these.</summary>
    public bool LastIs(params ReadOnlySpan<char> characters) => _last >= 0 && characters.Contains(mask[_last]);

    /// <summary>Whether the line end at a place ends the statement that began at another.</summary>
    public bool EndsAt(int at, int statement)
    {
        if (_last < statement || _asked == _last || syntax is not (CodeSyntax.Go or CodeSyntax.JavaScript))
            return false;
        _asked = _last;
        var last = mask[_last];
        if (syntax == CodeSyntax.Go)
            return Identifiers.IsPart(last) || last is '"' or ')' or ']' or '}';
        if (last is '=' or '(' or '[' or '{' or ',' or '.' or '+' or '-' or '*' or '/' or '<' or '>' or '&' or '|' or '?' or ':' or '!' or '~' or '^' or '%')
            return false;
        return !Continues(at) && !IsDecorator(statement);
    }

    private bool Continues(int at)
    {
        while (at < mask.Length && char.IsWhiteSpace(mask[at]))
            at++;
        if (at == mask.Length)
            return false;
        var rest = mask.AsSpan(at);
        return rest[0] is '.' or '?' or ':' or '=' or '+' or '*' or '/' or '&' or '|' or ',' or ')' or ']' or '{' or '<' or '>' or '^' or '%'
            || rest.StartsWith("extends ") || rest.StartsWith("implements ");
    }

    private bool IsDecorator(int statement)
    {
        while (statement < _last && char.IsWhiteSpace(mask[statement]))
            statement++;
        return mask[statement] == '@';
    }
}
