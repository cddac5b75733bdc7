namespace OrleansChat.GatewayApi.Overload;

/// <summary>
/// How many requests are worked on at a time, found from how much slower they become than each is alone. More at a time than the process can work on only makes all of them
/// wait, so the number goes down in proportion to the slowdown, and up by its square root while there is none.
/// </summary>
/// <remarks>
/// The gradient between the time without load and the time now, and the square root as headroom, are those of Netflix' concurrency-limits
/// (https://github.com/Netflix/concurrency-limits, GradientLimit) and of Envoy's adaptive concurrency filter
/// (https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/adaptive_concurrency_filter). Unlike there, headroom is added only while the slowdown is within its
/// bound, so that the number settles at the bound and not above it; and the time without load is seen when there is none, and never made by holding requests back.
/// </remarks>
/// <param name="maxSlowdown">The bound: how many times the time alone the median may take.</param>
/// <param name="least">The least number.</param>
/// <param name="unmeasured">The number while the time alone is not known.</param>
/// <param name="most">The greatest number.</param>
internal sealed class PlaceLimit(double maxSlowdown, int least, int unmeasured, int most)
{
    private const double SteepestFall = 0.5;

    private double _value = Math.Clamp(unmeasured, least, most);

    /// <summary>The number now.</summary>
    public int Value => (int)_value;

    /// <summary>Some requests have been worked on.</summary>
    /// <param name="slowdown">The median of their times, each as a multiple of the time alone.</param>
    /// <param name="peak">The most that were worked on at a time. A number that nobody uses tells nothing, and does not grow.</param>
    public void Update(double slowdown, int peak)
    {
        if (slowdown > maxSlowdown)
            _value = Math.Max(least, _value * Math.Max(SteepestFall, maxSlowdown / slowdown));
        else if (peak >= Value)
            _value = Math.Min(most, _value + Math.Sqrt(_value));
    }
}
