namespace OrleansChat.Core.Actors;

/// <summary>
/// Hashes of 128 bits, written one after the other, 16 bytes each: most are never asked for, and a set would touch memory that is cold for each of them. Whoever asks
/// moves those that came since anybody asked into a <see cref="HashSet128"/>, so many at a time that nobody waits long, and reads the rest as it lies.
/// </summary>
internal sealed class HashLog
{
    private const int Smallest = 4;
    private const int PageSize = 1_024;

    /// <summary>Pages that one question moves: less than a millisecond.</summary>
    private const int PagesAtOnce = 16;

    private readonly List<UInt128[]> _pages = [];
    private UInt128[] _page = [];
    private int _inPage;
    private HashSet128? _asked;

    /// <summary>Adds a hash.</summary>
    /// <param name="hash">The hash.</param>
    public void Add(UInt128 hash)
    {
        if (_inPage == _page.Length)
            Grow();

        _page[_inPage++] = hash;
    }

    /// <summary>Whether a hash is in it.</summary>
    /// <param name="hash">The hash.</param>
    /// <returns>Whether it is.</returns>
    public bool Contains(UInt128 hash)
    {
        MoveSome();
        if (_asked is not null && _asked.Contains(hash))
            return true;

        foreach (var page in _pages)
        {
            if (page.AsSpan().Contains(hash))
                return true;
        }

        return false;
    }

    private void MoveSome()
    {
        if (_inPage > 0)
        {
            Move(_page.AsSpan(0, _inPage));
            _inPage = 0;
        }

        for (var moved = 0; moved < PagesAtOnce && _pages.Count > 0; moved++)
        {
            Move(_pages[^1]);
            _pages.RemoveAt(_pages.Count - 1);
        }
    }

    private void Move(ReadOnlySpan<UInt128> hashes)
    {
        _asked ??= new HashSet128(hashes.Length);
        foreach (var hash in hashes)
            _asked.Add(hash);
    }

    private void Grow()
    {
        if (_page.Length < PageSize)
        {
            Array.Resize(ref _page, Math.Max(Smallest, _page.Length * 2));
            return;
        }

        _pages.Add(_page);
        _page = new UInt128[PageSize];
        _inPage = 0;
    }
}
