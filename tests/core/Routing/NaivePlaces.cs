using OrleansChat.Core.Routing;

namespace OrleansChat.Core.Tests.Routing;

/// <summary>The places at a target as one would write them down first: every call is kept, and what they tell is found from all of them anew.</summary>
internal sealed class NaivePlaces(double maxSlowdown)
{
    private readonly List<Wait> _waiting = [];
    private readonly List<double> _alone = [];
    private readonly List<Wait> _answered = [];
    private double _limit = double.PositiveInfinity;
    private bool _wasSlow;
    private int _peak;

    public Wait? TryBegin(long now)
    {
        if (_waiting.Count + 1 > _limit)
            return null;

        var wait = new Wait(now, _waiting.Count == 0);
        _waiting.Add(wait);
        _peak = Math.Max(_peak, _waiting.Count);
        return wait;
    }

    public void End(Wait wait, bool isAnswered, long now)
    {
        wait.Ended = now;
        _waiting.Remove(wait);
        if (isAnswered && wait.BeganAlone && _waiting.Count == 0)
            _alone.Add(wait.Seconds);

        var alone = _alone.TakeLast(64).Order().ToList();
        if (!isAnswered || alone.Count < 16)
            return;

        if (double.IsPositiveInfinity(_limit))
            _limit = TargetPlaces.First;

        _answered.Add(wait);
        var unloaded = alone[alone.Count / 2];
        var took = TimeSpan.FromTicks(now - _answered[0].Ended).TotalSeconds;
        if (_answered.Count < 16 || took < Math.Max(0.025, unloaded))
            return;

        var longest = unloaded * maxSlowdown;
        var waits = _answered.Take(512).Select(one => one.Seconds).Order().ToList();
        if (waits[waits.Count / 2] > longest)
            (_limit, _wasSlow) = (Math.Max(TargetPlaces.Least, Math.Min(_limit, (_answered.Count - 1) / took * longest)), true);
        else if (_peak >= Math.Floor(_limit))
            _limit += _wasSlow ? Math.Sqrt(_limit) / 2 : _limit;

        _answered.Clear();
        _peak = _waiting.Count;
    }

    internal sealed class Wait(long began, bool beganAlone)
    {
        public bool BeganAlone => beganAlone;

        public long Ended { get; set; }

        public double Seconds => TimeSpan.FromTicks(Ended - began).TotalSeconds;
    }
}
