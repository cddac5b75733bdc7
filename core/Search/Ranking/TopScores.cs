namespace OrleansChat.Core.Search.Ranking;

/// <summary>A passage's slot in an index with a score.</summary>
/// <param name="Slot">The slot.</param>
/// <param name="Score">The score; higher is better.</param>
internal readonly record struct ScoredSlot(int Slot, float Score);

/// <summary>The best of many scored slots, in a bounded heap; of equal scores the lower slot is better.</summary>
internal sealed class TopScores
{
    private readonly ScoredSlot[] _heap;
    private int _count;

    /// <param name="capacity">How many to keep, at least 1.</param>
    public TopScores(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _heap = new ScoredSlot[capacity];
    }

    /// <summary>How many are kept.</summary>
    public int Capacity => _heap.Length;

    /// <summary>A score below this cannot enter.</summary>
    public float Threshold { get; private set; } = float.NegativeInfinity;

    /// <summary>Keeps the slot if it is among the best so far.</summary>
    public void Offer(int slot, float score)
    {
        var offered = new ScoredSlot(slot, score);
        if (_count < _heap.Length)
        {
            SiftUp(offered);
        }
        else if (IsWorse(_heap[0], offered))
        {
            SiftDown(offered);
        }

        if (_count == _heap.Length)
            Threshold = _heap[0].Score;
    }

    /// <summary>Offers the kept slots to another.</summary>
    public void OfferTo(TopScores other)
    {
        foreach (var (slot, score) in _heap.AsSpan(0, _count))
            other.Offer(slot, score);
    }

    /// <summary>The kept slots, best first.</summary>
    public ScoredSlot[] ToRanking()
    {
        var ranking = _heap[.._count];
        Array.Sort(ranking, static (a, b) => a.Score == b.Score ? a.Slot.CompareTo(b.Slot) : b.Score.CompareTo(a.Score));
        return ranking;
    }

    private static bool IsWorse(ScoredSlot a, ScoredSlot b) => a.Score < b.Score || (a.Score == b.Score && a.Slot > b.Slot);

    private void SiftUp(ScoredSlot offered)
    {
        var hole = _count++;
        while (hole > 0 && IsWorse(offered, _heap[(hole - 1) / 2]))
        {
            _heap[hole] = _heap[(hole - 1) / 2];
            hole = (hole - 1) / 2;
        }

        _heap[hole] = offered;
    }

    private void SiftDown(ScoredSlot offered)
    {
        var hole = 0;
        while (2 * hole + 1 < _count)
        {
            var child = 2 * hole + 1;
            if (child + 1 < _count && IsWorse(_heap[child + 1], _heap[child]))
                child++;
            if (!IsWorse(_heap[child], offered))
                break;
            _heap[hole] = _heap[child];
            hole = child;
        }

        _heap[hole] = offered;
    }
}
