using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using OrleansChat.Core.Search.Rows;

namespace OrleansChat.Core.Search.Dense;

/// <summary>
/// Vectors as bytes in memory, for scanning, and in full precision in a store, for the best of a scan. One writer appends; a reader that holds
/// the pages of a moment goes on seeing every vector of that moment.
/// </summary>
internal sealed class ByteVectors(int dimension, IByteStores stores) : IVectorColumn
{
    private const int VectorsInPage = 2048;
    private const int FirstVectors = 8;

    private readonly int _stride = ByteVector.Stride(dimension);
    private readonly IByteStore _full = stores.Create();
    private readonly float[] _unit = new float[dimension];
    private Page[] _pages = [];
    private int _count;

    /// <inheritdoc/>
    public long Write(ReadOnlySpan<float> vector)
    {
        UnitVector.Write(vector, _unit);
        return _full.Append(MemoryMarshal.AsBytes(_unit.AsSpan()));
    }

    /// <inheritdoc/>
    public void Append(ReadOnlySpan<float> vector, long place)
    {
        var (index, row) = Math.DivRem(_count, VectorsInPage);
        if (index == _pages.Length)
            _pages = [.. _pages, new Page(index == 0 ? FirstVectors : VectorsInPage, _stride)];
        if (row == _pages[index].Places.Length)
            _pages[index] = _pages[index].Doubled(_stride);

        UnitVector.Write(vector, _unit);
        var page = _pages[index];
        page.Scales[row] = ByteVector.WriteCodes(_unit, page.Codes.AsSpan(row * _stride, _stride));
        page.Places[row] = place;
        _count++;
    }

    /// <inheritdoc/>
    public void Read(int slot, Span<float> target) => Read(_pages, slot, target);

    /// <inheritdoc/>
    public IVectorPages Pages() => new Moment(this, _pages);

    private void Read(Page[] pages, int slot, Span<float> target) =>
        _full.Read(pages[slot / VectorsInPage].Places[slot % VectorsInPage], MemoryMarshal.AsBytes(target));

    private sealed record Page(byte[] Codes, float[] Scales, long[] Places)
    {
        public Page(int vectors, int stride)
            : this(GC.AllocateUninitializedArray<byte>(vectors * stride), new float[vectors], new long[vectors])
        {
        }

        // The vectors stay readable in the old page for who holds it.
        public Page Doubled(int stride)
        {
            var doubled = new Page(2 * Places.Length, stride);
            Codes.CopyTo(doubled.Codes, 0);
            Scales.CopyTo(doubled.Scales, 0);
            Places.CopyTo(doubled.Places, 0);
            return doubled;
        }
    }

    private sealed class Moment(ByteVectors vectors, Page[] pages) : IVectorPages
    {
        public int VectorsPerPage => VectorsInPage;

        public IVectorScan Prepare(float[] unit) => new Scan(vectors, pages, unit);
    }

    private sealed class Scan : IVectorScan
    {
        // Seen with vectors in tight clusters: the tenth best in truth is among the first 30 of the scan. Twice the hits, and never few.
        private const int CandidatesPerHit = 2;
        private const int MoreCandidates = 64;

        private readonly ByteVectors _vectors;
        private readonly Page[] _pages;
        private readonly float[] _unit;
        private readonly float[] _exact;
        private readonly sbyte[] _query;
        private readonly float _scale;
        private readonly int _excess;

        public Scan(ByteVectors vectors, Page[] pages, float[] unit)
        {
            (_vectors, _pages, _unit, _exact) = (vectors, pages, unit, new float[unit.Length]);
            _query = new sbyte[vectors._stride];
            _scale = ByteVector.WriteQuery(unit, _query);
            foreach (var number in _query)
                _excess += ByteVector.Zero * number;
        }

        public int Candidates(int limit) => (int)Math.Min(int.MaxValue, (long)limit * CandidatesPerHit + MoreCandidates);

        public void Score(int page, int count, Span<float> scores)
        {
            var (codes, scales, stride) = (_pages[page].Codes, _pages[page].Scales, _query.Length);
            for (var i = 0; i < count; i++)
                scores[i] = (ByteVector.Dot(codes.AsSpan(i * stride, stride), _query) - _excess) * (scales[i] * _scale);
        }

        public float Refine(int slot, float scanned)
        {
            _vectors.Read(_pages, slot, _exact);
            return TensorPrimitives.Dot<float>(_exact, _unit);
        }
    }
}
