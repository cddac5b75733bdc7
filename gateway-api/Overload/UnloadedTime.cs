namespace OrleansChat.GatewayApi.Overload;

/// <summary>What one kind of work takes while the process has nothing else to do: the median of the newest requests that were worked on alone.</summary>
internal sealed class UnloadedTime
{
    private const int Kept = 64;
    private const int Fewest = 16;

    private readonly double[] _seconds = new double[Kept];
    private readonly List<double> _sorted = new(Kept);
    private int _oldest;

    /// <summary>The median in seconds; null before enough was seen.</summary>
    public double? Seconds => _sorted.Count < Fewest ? null : _sorted[_sorted.Count / 2];

    /// <summary>A request was worked on alone.</summary>
    /// <param name="seconds">For how long.</param>
    public void Add(double seconds)
    {
        if (_sorted.Count == Kept)
            _sorted.RemoveAt(_sorted.BinarySearch(_seconds[_oldest]));

        var place = _sorted.BinarySearch(seconds);
        _sorted.Insert(place < 0 ? ~place : place, seconds);
        _seconds[_oldest] = seconds;
        _oldest = (_oldest + 1) % Kept;
    }
}
