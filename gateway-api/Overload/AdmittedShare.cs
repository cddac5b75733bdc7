namespace OrleansChat.GatewayApi.Overload;

/// <summary>
/// Which share of the requests may ask for a place while there is more to do than can be done in time. Places bound how much is worked on at a time; where they are never free the
/// processors are never idle, and all that arrives waits before anybody has looked at it. So fewer are let in, until work begins soon after it has come.
/// </summary>
/// <remarks>
/// Letting a share in by how late work begins is overload control as in WeChat (H. Zhou et al., SoCC 2018, https://arxiv.org/abs/1806.04075), where the wait in the queue is what
/// tells of an overload; falling at once and rising step by step holds nearly all waits to the bound and not only their mean.
/// </remarks>
internal sealed class AdmittedShare
{
    /// <summary>
    /// How late work may begin. A request's way leads through a handful of such waits, and 10 ms each are little beside the time of a language model; a bound of 1 ms gives away what could be
    /// answered, for the processors' other users alone make work begin later than that.
    /// </summary>
    public static readonly TimeSpan Bound = TimeSpan.FromMilliseconds(10);

    /// <summary>The least share: where others keep the processors busy, too, something is served all the same.</summary>
    public const double Least = 1.0 / 16;

    private const double SteepestFall = 0.2;
    private const double Rise = 1.02;

    private double _credit;

    /// <summary>The share.</summary>
    public double Value { get; private set; } = 1;

    /// <summary>Whether the next request is one of those.</summary>
    /// <returns>Whether it is.</returns>
    public bool TryTake()
    {
        _credit += Value;
        if (_credit < 1)
            return false;
        _credit--;
        return true;
    }

    /// <summary>Some work has begun, or has not yet.</summary>
    /// <param name="delay">How long after it was queued.</param>
    public void Learn(TimeSpan delay) =>
        Value = delay > Bound ? Math.Max(Least, Value * Math.Max(SteepestFall, Bound / delay)) : Math.Min(1, Value * Rise);

    /// <summary>The overload is over.</summary>
    public void Reset() => (Value, _credit) = (1, 0);
}
