namespace OrleansChat.Core.Search.Analysis;

/// <summary>
/// A reusable list of terms kept in one character array, so that analysing a passage allocates no string per word.
/// Not safe for concurrent use.
/// </summary>
public sealed class TermBuffer
{
    private char[] _characters = new char[256];
    private int[] _ends = new int[64];

    /// <summary>The number of terms.</summary>
    public int Count { get; private set; }

    /// <summary>The term at <paramref name="index"/>, valid until the next <see cref="Clear"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is not below <see cref="Count"/>.</exception>
    public ReadOnlySpan<char> this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            var start = index == 0 ? 0 : _ends[index - 1];
            return _characters.AsSpan(start, _ends[index] - start);
        }
    }

    /// <summary>Appends a copy of <paramref name="term"/>.</summary>
    public void Add(ReadOnlySpan<char> term)
    {
        var start = Count == 0 ? 0 : _ends[Count - 1];
        var end = start + term.Length;
        if (end > _characters.Length)
            Array.Resize(ref _characters, Math.Max(end, _characters.Length * 2));
        if (Count == _ends.Length)
            Array.Resize(ref _ends, Count * 2);
        term.CopyTo(_characters.AsSpan(start));
        _ends[Count++] = end;
    }

    /// <summary>Forgets every term; the memory is kept.</summary>
    public void Clear() => Count = 0;

    /// <summary>The terms as strings, for callers that keep them.</summary>
    public string[] ToArray()
    {
        var terms = new string[Count];
        for (var i = 0; i < terms.Length; i++)
            terms[i] = this[i].ToString();
        return terms;
    }
}
