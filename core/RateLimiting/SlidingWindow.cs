namespace OrleansChat.Core.RateLimiting;

/// <summary>
/// What was counted in the last stretch of time, exact over every window of that length: each moment with its amount is kept, equal moments
/// as one. An amount counted at <c>t</c> is in the window until just before <c>t + length</c>, so no half-open window holds more than was let in.
/// </summary>
/// <param name="length">The window's length in ticks.</param>
internal sealed class SlidingWindow(long length)
{
    private const int SmallestRing = 16;

    /// <summary>Parts of a window that a short record tells apart.</summary>
    private const int PartsInAll = 64;

    private readonly long _partLength = Math.Max(1, length / PartsInAll);
    private readonly List<WindowPart> _parts = [];
    private Moment[] _ring = [];
    private int _head;

    /// <summary>When the first moment leaves, in ticks: it is kept here because its place in the ring is cold by then.</summary>
    private long _firstLeaves = long.MaxValue;

    /// <summary>The window's length in ticks.</summary>
    public long Length { get; } = length;

    /// <summary>Everything counted in the window, as of the last <see cref="Advance"/>.</summary>
    public long Sum { get; private set; }

    /// <summary>Distinct moments kept.</summary>
    public int Count { get; private set; }

    /// <summary>
    /// The amounts by parts of the window, oldest first, each as though all of it had been counted at the last of its moments. Kept all the time: a busy
    /// window has hundreds of thousands of moments, far too many to be read for each record.
    /// </summary>
    public IReadOnlyList<WindowPart> Parts => _parts;

    /// <summary>When the last amount leaves the window, in ticks; the given moment when it is empty.</summary>
    /// <param name="now">Now, in ticks.</param>
    /// <returns>The moment.</returns>
    public long EmptyAt(long now)
    {
        for (var i = Count - 1; i >= 0; i--)
        {
            if (At(i).Amount > 0)
                return At(i).Ticks + Length;
        }

        return now;
    }

    /// <summary>Lets go of what has left the window.</summary>
    /// <param name="now">Now, in ticks; never earlier than before.</param>
    public void Advance(long now)
    {
        if (now < _firstLeaves)
            return;

        while (Count > 0 && At(0).Ticks <= now - Length)
        {
            Sum -= At(0).Amount;
            _parts[0] = _parts[0] with { Amount = _parts[0].Amount - At(0).Amount };
            _head = (_head + 1) & (_ring.Length - 1);
            Count--;
            if (Count == 0 || At(0).Ticks >= _parts[0].End)
                _parts.RemoveAt(0);
        }

        _firstLeaves = Count == 0 ? long.MaxValue : At(0).Ticks + Length;
        if (Count == 0 && _ring.Length > SmallestRing)
        {
            _ring = [];
            _head = 0;
            _parts.TrimExcess();
        }
    }

    /// <summary>Counts an amount now.</summary>
    /// <param name="now">Now, in ticks; never earlier than the last one counted.</param>
    /// <param name="amount">The amount, at least 0.</param>
    public void Add(long now, long amount)
    {
        if (amount == 0)
            return;

        Sum += amount;
        if (_parts.Count > 0 && now < _parts[^1].End)
            _parts[^1] = _parts[^1] with { Last = now, Amount = _parts[^1].Amount + amount };
        else
            _parts.Add(new WindowPart(((now / _partLength) + 1) * _partLength, now, amount));

        if (Count > 0 && At(Count - 1).Ticks == now)
        {
            At(Count - 1).Amount += amount;
            return;
        }

        if (Count == _ring.Length)
            Grow();

        if (Count == 0)
            _firstLeaves = now + Length;

        Count++;
        At(Count - 1) = new Moment(now, amount);
    }

    /// <summary>Takes back a part of what was counted at a moment; nothing when that moment has left the window.</summary>
    /// <param name="moment">When it was counted, in ticks.</param>
    /// <param name="amount">The amount, at most what was counted then.</param>
    public void Remove(long moment, long amount)
    {
        // Most of what is taken back was counted lately: the steps grow from the end on, over memory that is still at hand.
        int low = 0, high = Count - 1;
        for (var step = 8; step <= high; step *= 2)
        {
            if (At(Count - step).Ticks <= moment)
            {
                low = Count - step;
                break;
            }

            high = Count - step - 1;
        }

        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            ref var found = ref At(middle);
            if (found.Ticks == moment)
            {
                var taken = Math.Min(amount, found.Amount);
                found.Amount -= taken;
                Sum -= taken;
                RemoveFromPart(moment, taken);
                return;
            }

            if (found.Ticks < moment)
                low = middle + 1;
            else
                high = middle - 1;
        }
    }

    /// <summary>The first moment at which an amount fits if nothing else is counted.</summary>
    /// <param name="limit">What the window may hold.</param>
    /// <param name="amount">The amount; none always fits.</param>
    /// <param name="now">Now, in ticks.</param>
    /// <returns>The moment in ticks, at least now; <see cref="long.MaxValue"/> when the amount is above the limit.</returns>
    public long FitsAt(long limit, long amount, long now)
    {
        if (amount == 0)
            return now;

        if (amount > limit)
            return long.MaxValue;

        var tooMuch = Sum - (limit - amount);
        var at = now;
        for (var i = 0; tooMuch > 0; i++)
        {
            tooMuch -= At(i).Amount;
            at = At(i).Ticks + Length;
        }

        return at;
    }

    /// <summary>The moments kept, oldest first.</summary>
    /// <returns>Ticks and amount of each.</returns>
    public IEnumerable<(long Ticks, long Amount)> Moments()
    {
        for (var i = 0; i < Count; i++)
        {
            var moment = At(i);
            if (moment.Amount > 0)
                yield return (moment.Ticks, moment.Amount);
        }
    }

    private void RemoveFromPart(long moment, long amount)
    {
        var i = _parts.Count - 1;
        while (moment < _parts[i].End - _partLength)
            i--;

        _parts[i] = _parts[i] with { Amount = _parts[i].Amount - amount };
    }

    private ref Moment At(int index) => ref _ring[(_head + index) & (_ring.Length - 1)];

    private void Grow()
    {
        var larger = new Moment[Math.Max(SmallestRing, _ring.Length * 2)];
        _ring.AsSpan(_head).CopyTo(larger);
        _ring.AsSpan(0, _head).CopyTo(larger.AsSpan(_ring.Length - _head));
        _ring = larger;
        _head = 0;
    }

    private struct Moment(long ticks, long amount)
    {
        public readonly long Ticks = ticks;
        public long Amount = amount;
    }
}

/// <summary>What was counted in a part of a window.</summary>
/// <param name="End">When the part ends, in ticks; exclusive.</param>
/// <param name="Last">The last moment in it at which something was counted, in ticks.</param>
/// <param name="Amount">The amount, at least 0.</param>
internal readonly record struct WindowPart(long End, long Last, long Amount);
