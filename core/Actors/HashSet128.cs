namespace OrleansChat.Core.Actors;

/// <summary>
/// A set of hashes of 128 bits that only grows, 21 to 43 bytes for each, in arrays without references, which the collector need not look into. The hashes are evenly
/// spread already: some of their bits choose one of several tables, so that nobody waits until all have grown, and others the place from which the next free one is taken.
/// </summary>
internal sealed class HashSet128
{
    private const int Tables = 16;
    private const int SmallestTable = 16;

    private readonly int _expected;
    private Table[] _tables = [];
    private bool _holdsZero;

    /// <summary>Makes an empty set.</summary>
    /// <param name="expected">How many hashes it is likely to hold, at least 0.</param>
    public HashSet128(int expected) => _expected = expected / Tables;

    /// <summary>The hashes in it.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a hash; one that is there already changes nothing.</summary>
    /// <param name="hash">The hash.</param>
    public void Add(UInt128 hash)
    {
        var isNew = hash == 0 ? !_holdsZero : TableOf(hash).Add(hash, _expected);
        _holdsZero |= hash == 0;
        Count += isNew ? 1 : 0;
    }

    /// <summary>Whether a hash is in it.</summary>
    /// <param name="hash">The hash.</param>
    /// <returns>Whether it is.</returns>
    public bool Contains(UInt128 hash) => Count > 0 && (hash == 0 ? _holdsZero : TableOf(hash).Contains(hash));

    private ref Table TableOf(UInt128 hash)
    {
        if (_tables.Length == 0)
            _tables = new Table[Tables];
        return ref _tables[(int)(ulong)(hash >> 64) & (Tables - 1)];
    }

    /// <summary>Hashes by place; nothing stands for a free one.</summary>
    private struct Table
    {
        private UInt128[]? _places;
        private int _count;

        public bool Add(UInt128 hash, int expected)
        {
            if (_places is null || IsFull(_count, _places.Length))
                Grow(expected);
            ref var place = ref _places![PlaceOf(_places, hash)];
            if (place == hash)
                return false;

            place = hash;
            _count++;
            return true;
        }

        public readonly bool Contains(UInt128 hash) => _places is { } places && places[PlaceOf(places, hash)] == hash;

        // Three quarters, so that there always is a free place and none is far away.
        private static bool IsFull(int count, int size) => count >= size / 4 * 3;

        private static int PlaceOf(UInt128[] places, UInt128 hash)
        {
            var mask = places.Length - 1;
            var place = (int)(ulong)hash & mask;
            while (places[place] != 0 && places[place] != hash)
                place = (place + 1) & mask;
            return place;
        }

        private void Grow(int expected)
        {
            var size = _places is null ? SmallestTable : _places.Length * 2;
            while (_places is null && IsFull(expected, size))
                size *= 2;

            var larger = new UInt128[size];
            foreach (var hash in _places ?? [])
            {
                if (hash != 0)
                    larger[PlaceOf(larger, hash)] = hash;
            }

            _places = larger;
        }
    }
}
