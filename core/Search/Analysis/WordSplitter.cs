using System.Text;

namespace OrleansChat.Core.Search.Analysis;

/// <summary>
/// Splits text into words in lower case and plain letters. Letters and digits form words, also across an apostrophe between letters ("don't"), a
/// comma between digits ("1,000" is "1000") and points between initials ("U.S.A." is "usa"); any other point separates, so that a
/// version or a file name is found by its parts. Scripts without spaces give every character and every adjacent pair, emoji
/// are words of their own, and ill-formed UTF-16 separates words. A word ends after <see cref="MaxWordLength"/> code units.
/// </summary>
/// <param name="text">Any UTF-16.</param>
internal ref struct WordSplitter(ReadOnlySpan<char> text)
{
    /// <summary>The longest word, in UTF-16 code units; a longer run is cut, as by Lucene's standard tokenizer.</summary>
    public const int MaxWordLength = 255;

    private readonly ReadOnlySpan<char> _text = text;
    private readonly char[] _word = new char[MaxWordLength];
    private int _position;
    private int _start;
    private int _length;
    private Rune _lastUnspaced;
    private bool _hasLastUnspaced;
    private bool _pairDue;

    /// <summary>The current word, in a buffer that the caller may change until the next <see cref="MoveNext"/>.</summary>
    public readonly Span<char> Current => _word.AsSpan(0, _length);

    /// <summary>Where the current word stands in the text.</summary>
    public readonly Range Source => _start.._position;

    /// <summary>Moves to the next word; false at the end of the text.</summary>
    public bool MoveNext()
    {
        _length = 0;
        while (_position < _text.Length)
        {
            if (char.IsAsciiLetterOrDigit(_text[_position]) && _length + LetterFolding.MaxLength <= MaxWordLength)
            {
                TakeAscii();
                continue;
            }

            var valid = Rune.DecodeFromUtf16(_text[_position..], out var rune, out var consumed) == System.Buffers.OperationStatus.Done;
            var kind = valid ? ScriptClasses.Of(rune) : CharacterClass.Separator;

            if (kind == CharacterClass.Word && _length + LetterFolding.MaxLength <= MaxWordLength)
            {
                if (_length == 0)
                    _start = _position;
                Append(rune);
                _hasLastUnspaced = false;
                _position += consumed;
                continue;
            }

            if (_length > 0)
            {
                if (kind == CharacterClass.Separator && JoinsNeighbours())
                    continue;
                return true;
            }

            _start = _position;
            if (kind == CharacterClass.Unspaced)
                return EmitUnspaced(rune, consumed);

            _hasLastUnspaced = false;
            _position += consumed;
            if (kind == CharacterClass.Symbol)
            {
                Append(rune);
                return true;
            }
        }

        return _length > 0;
    }

    // Most text, and nothing to look up.
    private void TakeAscii()
    {
        if (_length == 0)
            _start = _position;
        _hasLastUnspaced = false;
        var end = Math.Min(_text.Length, _position + MaxWordLength - LetterFolding.MaxLength + 1 - _length);
        while (_position < end && _text[_position] is var unit && char.IsAsciiLetterOrDigit(unit))
        {
            _word[_length++] = char.IsAsciiLetterUpper(unit) ? (char)(unit | 0x20) : unit;
            _position++;
        }
    }

    // First the pair with the character before, then the character itself.
    private bool EmitUnspaced(Rune rune, int consumed)
    {
        if (_hasLastUnspaced && !_pairDue)
        {
            Append(_lastUnspaced);
            Append(rune);
            _pairDue = true;
            return true;
        }

        Append(rune);
        _position += consumed;
        (_lastUnspaced, _hasLastUnspaced, _pairDue) = (rune, true, false);
        return true;
    }

    private bool JoinsNeighbours()
    {
        if (_position + 1 >= _text.Length || _length == MaxWordLength)
            return false;
        var (joint, before, after) = (_text[_position], _word[_length - 1], _text[_position + 1]);
        switch (joint)
        {
            case '\'' or '\u2019' when char.IsLetter(before) && char.IsLetter(after):
                _word[_length++] = '\'';
                break;
            case ',' when char.IsAsciiDigit(before) && char.IsAsciiDigit(after):
            case '.' when IsInitial(_position - 1) && IsInitial(_position + 1):
                break;
            default:
                return false;
        }

        _position++;
        return true;
    }

    // A letter with no letter or digit beside it, as in "u.s.a.".
    private readonly bool IsInitial(int position) =>
        char.IsAsciiLetter(_text[position])
        && (position == 0 || !char.IsLetterOrDigit(_text[position - 1]))
        && (position + 1 == _text.Length || !char.IsLetterOrDigit(_text[position + 1]));

    private void Append(Rune rune) => _length += LetterFolding.Write(Rune.ToLowerInvariant(rune), _word.AsSpan(_length));
}
