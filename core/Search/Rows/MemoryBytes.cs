namespace OrleansChat.Core.Search.Rows;

/// <summary>Bytes in pages of the heap, of up to a megabyte.</summary>
internal sealed class MemoryBytes : IByteStore, IByteStores
{
    private const int FirstPage = 1 << 10;
    private const int LargestPage = 1 << 20;
    private const int PageShift = 32;

    private byte[][] _pages = [];
    private int _used;

    /// <summary>Makes stores of this kind.</summary>
    public static IByteStores Stores { get; } = new MemoryBytes();

    /// <inheritdoc/>
    public IByteStore Create() => new MemoryBytes();

    /// <inheritdoc/>
    public long Append(ReadOnlySpan<byte> bytes)
    {
        if (_pages.Length == 0 || _pages[^1].Length - _used < bytes.Length)
        {
            var size = Math.Max(bytes.Length, _pages.Length == 0 ? FirstPage : Math.Min(LargestPage, 2 * _pages[^1].Length));
            Volatile.Write(ref _pages, [.. _pages, GC.AllocateUninitializedArray<byte>(size)]);
            _used = 0;
        }

        var place = ((long)(_pages.Length - 1) << PageShift) | (uint)_used;
        bytes.CopyTo(_pages[^1].AsSpan(_used));
        _used += bytes.Length;
        return place;
    }

    /// <inheritdoc/>
    public void Read(long place, Span<byte> target) => From(place)[..target.Length].CopyTo(target);

    /// <summary>What begins at a place, and what follows it.</summary>
    public ReadOnlySpan<byte> From(long place) => Volatile.Read(ref _pages)[(int)(place >> PageShift)].AsSpan((int)(uint)place);
}
