namespace OrleansChat.GatewayApi.Overload;

/// <summary>Gathers the times of requests until there are enough of them to say how much slower than alone they are.</summary>
internal sealed class WorkTimes
{
    private const int Fewest = 16;
    private const int Most = 512;
    private static readonly double Period = TimeSpan.FromMilliseconds(25).TotalSeconds;

    private readonly UnloadedTime[] _unloaded = [.. Enum.GetValues<WorkKind>().Select(_ => new UnloadedTime())];
    private readonly double[] _slowdowns = new double[Most];
    private double _began;
    private int _count;

    /// <summary>What a kind of work takes alone, in seconds; null before it is known.</summary>
    public double? Unloaded(WorkKind kind) => _unloaded[(int)kind].Seconds;

    /// <summary>A request has been worked on.</summary>
    /// <param name="kind">What it was.</param>
    /// <param name="seconds">For how long.</param>
    /// <param name="isAlone">Whether the process had hardly anything else to do.</param>
    /// <param name="now">The time in seconds, from any beginning.</param>
    /// <returns>The median slowdown, where this request completes a look at it.</returns>
    public double? Add(WorkKind kind, double seconds, bool isAlone, double now)
    {
        var unloaded = _unloaded[(int)kind];
        if (isAlone)
            unloaded.Add(seconds);
        if (unloaded.Seconds is not { } alone)
            return null;
        if (_count == 0)
            _began = now;
        if (_count < Most)
            _slowdowns[_count++] = seconds / Math.Max(alone, double.Epsilon);
        if (_count < Fewest || now - _began < Period)
            return null;

        var slowdowns = _slowdowns.AsSpan(0, _count);
        slowdowns.Sort();
        _count = 0;
        return slowdowns[slowdowns.Length / 2];
    }
}
