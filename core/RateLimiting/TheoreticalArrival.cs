namespace OrleansChat.Core.RateLimiting;

/// <summary>
/// The state of the generic cell rate algorithm (ITU-T I.371, as virtual scheduling): the moment at which the next request would come if all
/// had been spaced evenly. Kept in fractions of a tick, so that no rate is rounded.
/// </summary>
/// <param name="Ticks">Whole ticks.</param>
/// <param name="Part">Further parts of a tick, 0 to <paramref name="Rate"/> - 1.</param>
/// <param name="Rate">Requests per minute, at least 1; also the parts in a tick.</param>
internal readonly record struct TheoreticalArrival(long Ticks, long Part, int Rate)
{
    /// <summary>Before any request.</summary>
    public static readonly TheoreticalArrival None = new(0, 0, 1);

    /// <summary>The same moment, or the next one after it, in parts of another rate.</summary>
    /// <param name="rate">The rate, at least 1.</param>
    /// <returns>The moment.</returns>
    public TheoreticalArrival At(int rate)
    {
        if (rate == Rate)
            return this;

        var part = ((Part * rate) + Rate - 1) / Rate;
        return part < rate ? new(Ticks, part, rate) : new(Ticks + 1, 0, rate);
    }

    /// <summary>The state after a request.</summary>
    /// <param name="now">When it came, in ticks.</param>
    /// <returns>The state.</returns>
    public TheoreticalArrival After(long now)
    {
        var (ticks, part) = Ticks >= now ? (Ticks, Part) : (now, 0);
        ticks += TimeSpan.TicksPerMinute / Rate;
        part += TimeSpan.TicksPerMinute % Rate;
        return part < Rate ? new(ticks, part, Rate) : new(ticks + 1, part - Rate, Rate);
    }

    /// <summary>The first moment at which a request conforms if no other comes first.</summary>
    /// <param name="burst">Requests that may come at once after a pause, at least 1.</param>
    /// <returns>Ticks; it may lie in the past.</returns>
    public long PassesAt(int burst)
    {
        var tolerance = (burst - 1) * TimeSpan.TicksPerMinute;
        return Ticks + CeilingOf(Part - tolerance, Rate);
    }

    /// <summary>Requests that would conform if they all came now.</summary>
    /// <param name="now">Now, in ticks.</param>
    /// <param name="burst">Requests that may come at once after a pause, at least 1.</param>
    /// <returns>0 to <paramref name="burst"/>.</returns>
    public long Remaining(long now, int burst)
    {
        if (Ticks < now)
            return burst;

        var ahead = ((Int128)(Ticks - now) * Rate) + Part;
        var spare = ((Int128)(burst - 1) * TimeSpan.TicksPerMinute) - ahead;
        return spare < 0 ? 0 : (long)(spare / TimeSpan.TicksPerMinute) + 1;
    }

    /// <summary>Whether this moment is not after another.</summary>
    /// <param name="other">The other moment.</param>
    /// <returns>Whether it is not.</returns>
    public bool IsAtMost(TheoreticalArrival other) =>
        Ticks < other.Ticks || (Ticks == other.Ticks && (Int128)Part * other.Rate <= (Int128)other.Part * Rate);

    private static long CeilingOf(long number, long divisor) => -Math.DivRem(-number, divisor, out var rest) + (rest < 0 ? 1 : 0);
}
