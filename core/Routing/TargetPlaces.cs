namespace OrleansChat.Core.Routing;

/// <summary>
/// How many calls may wait for one target at a time, found from how much longer than alone they wait. A server works on so many at a time, and whatever is beyond stands in a line
/// there that makes all of them late and serves nobody more.
/// </summary>
/// <remarks>
/// By Little's law (J. D. C. Little, "A Proof for the Queuing Formula L = λW", Operations Research 9/3, 1961) as many calls wait as are answered in the time that one waits. So as many as are answered
/// in the time that one may wait are let in: one look at a line tells how short it has to be, where a search by steps would leave it standing meanwhile. While calls are as fast as they
/// may be and all places are taken, the number doubles until they were slow for the first time, as TCP begins (RFC 5681, 3.1), so that a line is short before it has been seen; after that it grows by
/// half its square root, as in Netflix' concurrency-limits (https://github.com/Netflix/concurrency-limits, GradientLimit).
/// </remarks>
/// <param name="maxSlowdown">The bound: how many times the time alone the median may wait.</param>
/// <param name="time">The source of time.</param>
internal sealed class TargetPlaces(double maxSlowdown, TimeProvider time)
{
    /// <summary>So many may wait, however slow they are: that a target answers at all has to be seen by somebody.</summary>
    public const int Least = 4;

    /// <summary>So many may wait once the time alone is known and nothing else.</summary>
    public const int First = 16;

    private const int KeptAlone = 64;
    private const int FewestAlone = 16;
    private const int FewestAnswers = 16;
    private const int MostAnswers = 512;
    private static readonly TimeSpan ShortestLook = TimeSpan.FromMilliseconds(25);

    private readonly Lock _gate = new();
    private readonly Queue<double> _alone = new();
    private readonly List<double> _waits = [];
    private double? _unloaded;
    private double _limit = double.PositiveInfinity;
    private long _lookBegan;
    private int _answers;
    private int _waiting;
    private int _peak;
    private bool _wasSlow;

    /// <summary>Calls that may wait at a time; null for any number.</summary>
    public int? Limit
    {
        get
        {
            lock (_gate)
                return double.IsPositiveInfinity(_limit) ? null : (int)_limit;
        }
    }

    /// <summary>Whether there is no room for a call at the moment.</summary>
    public bool IsFull
    {
        get
        {
            lock (_gate)
                return _waiting >= Math.Floor(_limit);
        }
    }

    /// <summary>Begins a call, if there is room for it.</summary>
    /// <returns>When it began; null when there is no room.</returns>
    public Call? TryBegin()
    {
        lock (_gate)
        {
            if (_waiting >= Math.Floor(_limit))
                return null;
            _waiting++;
            _peak = Math.Max(_peak, _waiting);
            return new Call(time.GetTimestamp(), _waiting == 1);
        }
    }

    /// <summary>A call has begun to be answered, or has failed.</summary>
    /// <param name="call">The call.</param>
    /// <param name="isAnswered">Whether it was answered, so that its time tells something.</param>
    public void End(Call call, bool isAnswered)
    {
        lock (_gate)
        {
            _waiting--;
            if (!isAnswered)
                return;
            var waited = time.GetElapsedTime(call.Began).TotalSeconds;
            if (call.BeganAlone && _waiting == 0)
                Learn(waited);
            Look(waited);
        }
    }

    private void Learn(double waited)
    {
        _alone.Enqueue(waited);
        if (_alone.Count > KeptAlone)
            _alone.Dequeue();
        if (_alone.Count < FewestAlone)
            return;
        _unloaded = _alone.Order().ElementAt(_alone.Count / 2);
        if (double.IsPositiveInfinity(_limit))
            _limit = First;
    }

    private void Look(double waited)
    {
        if (_unloaded is not { } unloaded)
            return;
        if (_answers++ == 0)
            _lookBegan = time.GetTimestamp();
        if (_waits.Count < MostAnswers)
            _waits.Add(waited);
        var took = time.GetElapsedTime(_lookBegan).TotalSeconds;
        if (_answers < FewestAnswers || took < Math.Max(ShortestLook.TotalSeconds, unloaded))
            return;

        _waits.Sort();
        var longest = unloaded * maxSlowdown;
        if (_waits[_waits.Count / 2] > longest)
            (_limit, _wasSlow) = (Math.Max(Least, Math.Min(_limit, (_answers - 1) / took * longest)), true);
        else if (_peak >= Math.Floor(_limit))
            _limit += _wasSlow ? Math.Sqrt(_limit) / 2 : _limit;
        _waits.Clear();
        (_answers, _peak) = (0, _waiting);
    }

    /// <summary>A call that waits.</summary>
    /// <param name="Began">When it began.</param>
    /// <param name="BeganAlone">Whether no other waited then.</param>
    internal readonly record struct Call(long Began, bool BeganAlone);
}
