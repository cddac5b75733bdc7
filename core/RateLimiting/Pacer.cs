namespace OrleansChat.Core.RateLimiting;

/// <summary>
/// Spaces requests by <see cref="TheoreticalArrival"/> and can take a tentative one back exactly: from the oldest tentative request on it keeps
/// when each came, and reckons anew without the one that is gone.
/// </summary>
internal sealed class Pacer
{
    private readonly List<long> _since = [];
    private TheoreticalArrival _base = TheoreticalArrival.None;
    private int _tentative;

    /// <summary>The state now.</summary>
    public TheoreticalArrival State { get; private set; } = TheoreticalArrival.None;

    /// <summary>Starts from a stored state.</summary>
    /// <param name="state">The state.</param>
    public void Restore(TheoreticalArrival state) => _base = State = state;

    /// <summary>The first moment at which a request passes if no other comes first.</summary>
    /// <param name="rate">Requests per minute, at least 1.</param>
    /// <param name="burst">Requests that may come at once after a pause, at least 1.</param>
    /// <returns>Ticks; it may lie in the past.</returns>
    public long PassesAt(int rate, int burst) => State.At(rate).PassesAt(burst);

    /// <summary>Lets a request pass.</summary>
    /// <param name="rate">Requests per minute, at least 1.</param>
    /// <param name="now">Now, in ticks.</param>
    /// <param name="tentative">Whether it may be taken back.</param>
    public void Pass(int rate, long now, bool tentative)
    {
        if (tentative)
            _tentative++;

        if (_tentative > 0)
            _since.Add(now);

        State = State.At(rate).After(now);
        if (_tentative == 0)
            _base = State;
    }

    /// <summary>A tentative request became final.</summary>
    public void Confirm() => EndTentative();

    /// <summary>A tentative request is gone.</summary>
    /// <param name="moment">When it had passed, in ticks.</param>
    public void TakeBack(long moment)
    {
        if (_since.Remove(moment))
        {
            var state = _base.At(State.Rate);
            foreach (var passed in _since)
                state = state.After(passed);

            State = state;
        }

        EndTentative();
    }

    private void EndTentative()
    {
        if (--_tentative > 0)
            return;

        _since.Clear();
        _base = State;
    }
}
