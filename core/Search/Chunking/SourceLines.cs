namespace OrleansChat.Core.Search.Chunking;

/// <summary>A text and where its lines start. A line ends with a line feed, a carriage return, or both.</summary>
internal sealed class SourceLines
{
    private readonly List<int> _starts = [0];

    public SourceLines(string text)
    {
        Text = text;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.Length || text[i + 1] != '\n')))
                _starts.Add(i + 1);
        }

        // A line end at the very end closes the last line and starts none.
        if (_starts.Count > 1 && _starts[^1] == text.Length)
            _starts.RemoveAt(_starts.Count - 1);
    }

    /// <summary>The whole text.</summary>
    public string Text { get; }

    /// <summary>The number of lines, at least 1.</summary>
    public int Count => _starts.Count;

    /// <summary>Where a line starts, by its index from 0; the index after the last gives the end of the text.</summary>
    public int StartOf(int line) => line < _starts.Count ? _starts[line] : Text.Length;

    /// <summary>A line without its line end.</summary>
    public ReadOnlySpan<char> this[int line] => Text.AsSpan(StartOf(line), StartOf(line + 1) - StartOf(line)).TrimEnd("\r\n");

    /// <summary>Whether a line has only blank space.</summary>
    public bool IsBlank(int line) => this[line].IsWhiteSpace();

    /// <summary>The number, from 1, of the line that a character lies on.</summary>
    public int NumberAt(int position)
    {
        var index = _starts.BinarySearch(position);
        return index >= 0 ? index + 1 : ~index;
    }
}
