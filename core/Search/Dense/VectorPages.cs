using System.Numerics.Tensors;

namespace OrleansChat.Core.Search.Dense;

/// <summary>
/// Vectors of unit length, one after the other in pages of about a megabyte. One writer appends; a reader that holds the
/// pages of a moment goes on seeing every vector of that moment.
/// </summary>
internal sealed class VectorPages
{
    private const int PageBytes = 1 << 20;
    private const int FirstVectors = 8;

    private readonly int _dimension;
    private float[][] _pages = [];
    private int _count;

    /// <param name="dimension">The length of every vector; 0 for none at all.</param>
    public VectorPages(int dimension)
    {
        _dimension = dimension;
        VectorsPerPage = Math.Max(FirstVectors, PageBytes / sizeof(float) / Math.Max(1, dimension));
    }

    /// <summary>How many vectors a full page holds.</summary>
    public int VectorsPerPage { get; }

    /// <summary>The pages now.</summary>
    public float[][] Pages => _pages;

    /// <summary>The vector at an index.</summary>
    public ReadOnlySpan<float> this[int index] =>
        _pages[index / VectorsPerPage].AsSpan(index % VectorsPerPage * _dimension, _dimension);

    /// <summary>Appends a vector, scaled to unit length; zeros stay zeros.</summary>
    public void Append(ReadOnlySpan<float> vector)
    {
        var target = MakeRoom();
        var norm = TensorPrimitives.Norm(vector);
        if (norm > 0)
            TensorPrimitives.Divide(vector, norm, target);
        _count++;
    }

    private Span<float> MakeRoom()
    {
        var (page, place) = Math.DivRem(_count, VectorsPerPage);
        if (page == _pages.Length)
            _pages = [.. _pages, new float[(page == 0 ? FirstVectors : VectorsPerPage) * _dimension]];

        // Only the first page starts small. Its vectors stay readable in the old array for who holds it.
        if (place * _dimension == _pages[page].Length && _dimension > 0)
        {
            var larger = new float[Math.Min(place * 2, VectorsPerPage) * _dimension];
            _pages[page].CopyTo(larger, 0);
            _pages[page] = larger;
        }

        return _pages[page].AsSpan(place * _dimension, _dimension);
    }
}
