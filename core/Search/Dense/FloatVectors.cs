using System.Numerics.Tensors;

namespace OrleansChat.Core.Search.Dense;

/// <summary>
/// Vectors of unit length in full precision, one after the other in pages of about a megabyte. One writer appends; a reader that holds the
/// pages of a moment goes on seeing every vector of that moment.
/// </summary>
internal sealed class FloatVectors : IVectorColumn
{
    private const int PageBytes = 1 << 20;
    private const int FirstVectors = 8;

    private readonly int _dimension;
    private readonly int _vectorsPerPage;
    private float[][] _pages = [];
    private int _count;

    /// <param name="dimension">The length of every vector; 0 for none at all.</param>
    public FloatVectors(int dimension)
    {
        _dimension = dimension;
        _vectorsPerPage = Math.Max(FirstVectors, PageBytes / sizeof(float) / Math.Max(1, dimension));
    }

    /// <inheritdoc/>
    public long Write(ReadOnlySpan<float> vector) => 0;

    /// <inheritdoc/>
    public void Append(ReadOnlySpan<float> vector, long place)
    {
        UnitVector.Write(vector, MakeRoom());
        _count++;
    }

    /// <inheritdoc/>
    public void Read(int slot, Span<float> target) =>
        _pages[slot / _vectorsPerPage].AsSpan(slot % _vectorsPerPage * _dimension, _dimension).CopyTo(target);

    /// <inheritdoc/>
    public IVectorPages Pages() => new Moment(_pages, _vectorsPerPage);

    private Span<float> MakeRoom()
    {
        var (page, place) = Math.DivRem(_count, _vectorsPerPage);
        if (page == _pages.Length)
            _pages = [.. _pages, new float[(page == 0 ? FirstVectors : _vectorsPerPage) * _dimension]];

        // Only the first page starts small. Its vectors stay readable in the old array for who holds it.
        if (place * _dimension == _pages[page].Length && _dimension > 0)
        {
            var larger = new float[Math.Min(place * 2, _vectorsPerPage) * _dimension];
            _pages[page].CopyTo(larger, 0);
            _pages[page] = larger;
        }

        return _pages[page].AsSpan(place * _dimension, _dimension);
    }

    private sealed class Moment(float[][] pages, int vectorsPerPage) : IVectorPages
    {
        public int VectorsPerPage => vectorsPerPage;

        public IVectorScan Prepare(float[] unit) => new Scan(pages, unit);
    }

    private sealed class Scan(float[][] pages, float[] unit) : IVectorScan
    {
        public int Candidates(int limit) => limit;

        public void Score(int page, int count, Span<float> scores)
        {
            var dimension = unit.Length;
            ReadOnlySpan<float> vectors = pages[page];
            for (var i = 0; i < count; i++)
                scores[i] = TensorPrimitives.Dot(vectors.Slice(i * dimension, dimension), unit);
        }

        public float Refine(int slot, float scanned) => scanned;
    }
}
