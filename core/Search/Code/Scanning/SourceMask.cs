namespace OrleansChat.Core.Search.Code.Scanning;

/// <summary>
/// Blanks out what is not code: comments, directives of a preprocessor, and literals, of which a quote stays at the beginning. Every other character
/// stays where it is, and so do line ends. What is left open ends with its line or with the text.
/// </summary>
internal sealed class SourceMask
{
    private const char Literal = '"';

    private readonly string _text;
    private readonly CodeSyntax _syntax;
    private readonly char[] _mask;

    // Code within strings that are open, innermost last, with the braces open in it.
    private readonly List<(StringForm Form, int Braces)> _holes = [];
    private readonly ConditionalBranches _branches = new();
    private int _at;
    private int _last = -1;
    private int _depth;

    private SourceMask(string text, CodeSyntax syntax) => (_text, _syntax, _mask) = (text, syntax, text.ToCharArray());

    /// <summary>The masked text, as long as the text.</summary>
    public static char[] Of(string text, CodeSyntax syntax)
    {
        var mask = new SourceMask(text, syntax);
        mask.Run();
        return mask._mask;
    }

    private void Run()
    {
        while (_at < _text.Length)
        {
            if (SkipComment() || SkipDirective() || SkipLiteral())
                continue;
            Step();
        }
    }

    private void Step()
    {
        var character = _text[_at];
        if (_holes.Count > 0)
        {
            StepInHole(character);
            return;
        }

        if (!char.IsWhiteSpace(character))
            _last = _at;
        _depth += character switch { '{' => 1, '}' => -1, _ => 0 };
        _at++;
    }

    private void StepInHole(char character)
    {
        var (form, braces) = _holes[^1];
        if (character == '}' && braces == 0)
        {
            _holes.RemoveAt(_holes.Count - 1);
            Blank(form.HoleOpener!.AsSpan().Count('{'));
            SkipRest(form);
            return;
        }

        _holes[^1] = (form, braces + character switch { '{' => 1, '}' => -1, _ => 0 });
        Blank(1);
    }

    private bool SkipComment()
    {
        if (_syntax == CodeSyntax.Python ? _text[_at] == '#' : Stands("//"))
        {
            BlankLine(continues: false);
            return true;
        }

        if (_syntax == CodeSyntax.Python || !Stands("/*"))
            return false;
        Blank(2);
        for (var open = 1; _at < _text.Length && open > 0;)
        {
            var (closes, opens) = (Stands("*/"), _syntax == CodeSyntax.Rust && Stands("/*"));
            open += closes ? -1 : opens ? 1 : 0;
            Blank(closes || opens ? 2 : 1);
        }

        return true;
    }

    private bool SkipDirective()
    {
        if (_text[_at] != '#' || _syntax is not (CodeSyntax.CSharp or CodeSyntax.Cpp) || _holes.Count > 0 || !IsFirstOfLine())
            return false;
        var isLeftOut = _branches.Read(_text.AsSpan(_at), _depth);
        BlankLine(continues: _syntax == CodeSyntax.Cpp);
        while (isLeftOut && _at < _text.Length)
        {
            if (_text[_at] == '#' && IsFirstOfLine())
                isLeftOut = _branches.Skip(_text.AsSpan(_at));
            BlankLine(continues: _syntax == CodeSyntax.Cpp);
            if (_at < _text.Length && _text[_at] is '\n' or '\r')
                _at++;
            while (_at < _text.Length && _text[_at] is ' ' or '\t')
                _at++;
        }

        return true;
    }

    private bool SkipLiteral()
    {
        if (_syntax == CodeSyntax.JavaScript && _text[_at] == '/' && RegularExpressions.MayStart(_mask, _last))
        {
            var length = RegularExpressions.LengthAt(_text.AsSpan(_at));
            if (length > 0)
            {
                Mark();
                Blank(length);
                return true;
            }
        }

        var (form, opening) = StringForms.At(_text, _at, _syntax);
        if (opening == 0)
            return false;
        Mark();
        Blank(opening);
        SkipRest(form);
        return true;

        void Mark()
        {
            if (_holes.Count == 0)
                _last = _at;
        }
    }

    private void SkipRest(StringForm form)
    {
        while (_at < _text.Length)
        {
            var character = _text[_at];
            if (character is '\n' or '\r' && !form.IsMultiLine)
                return;
            if (form.Escapes && character == '\\')
            {
                Blank(2);
            }
            else if (Stands(form.Closer))
            {
                var isText = form.DoubledQuote && _text.AsSpan(_at + 1).StartsWith(form.Closer, StringComparison.Ordinal);
                Blank(form.Closer.Length * (isText ? 2 : 1));
                if (!isText)
                    return;
            }
            else if (form.HoleOpener is { } opener && Stands(opener))
            {
                // Two braces are one of the text where one opens code; longer openers have none such.
                var isText = opener == "{" && _at + 1 < _text.Length && _text[_at + 1] == '{';
                Blank(isText ? 2 : opener.Length);
                if (isText)
                    continue;
                _holes.Add((form, 0));
                return;
            }
            else
            {
                Blank(1);
            }
        }
    }

    private void BlankLine(bool continues)
    {
        while (_at < _text.Length && _text[_at] is not ('\n' or '\r'))
            Blank(continues && _text[_at] == '\\' ? _text.AsSpan(_at).StartsWith("\\\r\n", StringComparison.Ordinal) ? 3 : 2 : 1);
    }

    private void Blank(int count)
    {
        for (var end = Math.Min(_text.Length, _at + count); _at < end; _at++)
        {
            if (_text[_at] is not ('\n' or '\r'))
                _mask[_at] = _at == _last && _holes.Count == 0 ? Literal : ' ';
        }
    }

    private bool IsFirstOfLine()
    {
        var before = _at - 1;
        while (before >= 0 && _text[before] is ' ' or '\t')
            before--;
        return before < 0 || _text[before] is '\n' or '\r';
    }

    private bool Stands(string token) =>
        _text[_at] == token[0] && string.CompareOrdinal(_text, _at, token, 0, token.Length) == 0;
}
