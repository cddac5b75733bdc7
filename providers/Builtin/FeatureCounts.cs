using System.Buffers;
using System.Numerics;

namespace OrleansChat.Providers.Builtin;

/// <summary>
/// How often each hashed feature of a text occurs, in the order of their first occurrences: an open-addressing table in rented arrays, since a text has
/// hundreds of features and there are thousands of texts a second.
/// </summary>
internal ref struct FeatureCounts
{
    private const int Least = 256;

    private Feature[] _features;
    private int[] _table;
    private int _mask;

    /// <param name="expected">About how many features there will be.</param>
    public FeatureCounts(int expected)
    {
        _features = ArrayPool<Feature>.Shared.Rent(Math.Max(Least, expected));
        _table = [];
        Resize(2 * _features.Length);
    }

    /// <summary>How many features there are.</summary>
    public int Count { get; private set; }

    /// <summary>The feature at an index.</summary>
    public readonly ref readonly Feature this[int index] => ref _features[index];

    /// <summary>Counts one occurrence; the weight is that of the first.</summary>
    public void Add(ulong hash, double weight)
    {
        for (var place = (int)(hash >> 20) & _mask; ; place = (place + 1) & _mask)
        {
            var index = _table[place] - 1;
            if (index >= 0 && _features[index].Hash == hash)
            {
                _features[index].Count++;
                return;
            }

            if (index >= 0)
                continue;
            var isFull = Count == _features.Length;
            if (isFull)
                Grow();
            _features[Count] = new Feature { Hash = hash, Weight = weight, Count = 1 };
            if (isFull)
                Enter(Count);
            else
                _table[place] = Count + 1;
            Count++;
            return;
        }
    }

    /// <summary>Gives the arrays back.</summary>
    public void Dispose()
    {
        ArrayPool<Feature>.Shared.Return(_features);
        ArrayPool<int>.Shared.Return(_table);
    }

    private void Grow()
    {
        var larger = ArrayPool<Feature>.Shared.Rent(2 * _features.Length);
        _features.AsSpan(0, Count).CopyTo(larger);
        ArrayPool<Feature>.Shared.Return(_features);
        _features = larger;
        Resize(2 * larger.Length);
        for (var i = 0; i < Count; i++)
            Enter(i);
    }

    private void Enter(int index)
    {
        var place = (int)(_features[index].Hash >> 20) & _mask;
        while (_table[place] != 0)
            place = (place + 1) & _mask;
        _table[place] = index + 1;
    }

    private void Resize(int least)
    {
        if (_table.Length > 0)
            ArrayPool<int>.Shared.Return(_table);
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)least);
        _table = ArrayPool<int>.Shared.Rent(size);
        _table.AsSpan(0, size).Clear();
        _mask = size - 1;
    }

    /// <summary>A feature.</summary>
    internal struct Feature
    {
        /// <summary>What it is.</summary>
        public ulong Hash;

        /// <summary>What it weighs.</summary>
        public double Weight;

        /// <summary>How often it occurs.</summary>
        public int Count;
    }
}
