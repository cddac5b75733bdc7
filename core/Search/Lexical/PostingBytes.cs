namespace OrleansChat.Core.Search.Lexical;

/// <summary>
/// The room of all posting lists of an index: pages of a megabyte, handed out in slices of 16 bytes and more that never move, so that a list grows
/// without copies and without waste. One writer; readers of what was written before they were told of it.
/// </summary>
internal sealed class PostingBytes
{
    /// <summary>The bytes at a slice's end that hold the place of the next.</summary>
    public const int LinkBytes = sizeof(int);

    private const int Unit = 16;
    private const int FirstPage = 1 << 12;
    private const int PageShift = 20;
    private const int LargestSlice = 1 << 13;

    private byte[][] _pages = [];
    private int _used;

    /// <summary>The size of the slice after one of this size; 0 for the first.</summary>
    public static int SizeAfter(int size) => size == 0 ? Unit : Math.Min(LargestSlice, (size + size / 2 + Unit - 1) / Unit * Unit);

    /// <summary>A new slice.</summary>
    /// <param name="size">Its size in bytes.</param>
    /// <returns>Its place, in units of 16 bytes; never 0.</returns>
    public int Take(int size)
    {
        if (_pages.Length == 0 || _pages[^1].Length - _used < size)
        {
            // Page 0 begins with a unit that nobody gets, so that no slice has the place 0.
            _used = _pages.Length == 0 ? Unit : 0;
            Volatile.Write(ref _pages, [.. _pages, new byte[Math.Clamp(_pages.Length == 0 ? FirstPage : 2 * _pages[^1].Length, size, 1 << PageShift)]]);
        }

        var place = (int)((((long)(_pages.Length - 1) << PageShift) + _used) / Unit);
        _used += size;
        return place;
    }

    /// <summary>The slice at a place.</summary>
    public Span<byte> Slice(int place, int size)
    {
        var address = (long)place * Unit;
        return Volatile.Read(ref _pages)[address >> PageShift].AsSpan((int)(address & ((1 << PageShift) - 1)), size);
    }
}
