namespace OrleansChat.GatewayApi.Overload;

/// <summary>What one kind of work takes while the process has nothing else to do: the median of the newest requests that were worked on alone.</summary>
internal sealed class UnloadedTime
{
    private const int Kept = 64;
    private const int Fewest = 16;

    private readonly double[] _seconds = new double[Kept];
    private int _count;
    private bool _isStale;
    private double _median;

    /// <summary>The median in seconds; null before enough was seen.</summary>
    public double? Seconds
    {
        get
        {
            if (_count < Fewest)
                return null;
            if (_isStale)
            {
                var sorted = _seconds[..Math.Min(_count, Kept)];
                Array.Sort(sorted);
                _median = sorted[sorted.Length / 2];
                _isStale = false;
            }

            return _median;
        }
    }

    /// <summary>A request was worked on alone.</summary>
    /// <param name="seconds">For how long.</param>
    public void Add(double seconds)
    {
        _seconds[_count % Kept] = seconds;
        _count = _count == 2 * Kept ? Kept + 1 : _count + 1;
        _isStale = true;
    }
}
