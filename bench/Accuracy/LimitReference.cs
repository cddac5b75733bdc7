using OrleansChat.Core.RateLimiting;

namespace OrleansChat.Bench.Accuracy;

/// <summary>
/// What one scope has let in, kept the plain way: every call in a list, every question a sum over it. Where the moment or the outcome of a
/// call is not certain, a question has two answers: what certainly counts, and what may.
/// </summary>
/// <param name="limits">The scope's limits.</param>
internal sealed class LimitReference(RateLimits limits)
{
    /// <summary>Calls in a row that the bound on even spacing is checked for.</summary>
    private const int PacedCalls = 500;

    private readonly List<Call> _calls = [];

    /// <summary>The limits that hold now.</summary>
    public RateLimits Limits { get; set; } = limits;

    /// <summary>The most that was ever in a window, as a share of its limit.</summary>
    public double Fullest { get; private set; }

    private int Burst => Math.Max(1, Limits.Burst ?? 1);

    /// <summary>Adds a call that was let in, or may have been.</summary>
    /// <param name="call">The call.</param>
    public void Add(Call call) => _calls.Add(call);

    /// <summary>Forgets what has left every window.</summary>
    /// <param name="now">Now, in ticks.</param>
    public void Trim(long now) => _calls.RemoveAll(call =>
        call.Answered < now - TimeSpan.TicksPerDay && call.Excess.Moment < now - TimeSpan.TicksPerMinute && !call.MayBeOpen(now));

    /// <summary>By how much the limits are certainly exceeded, right after something was let in.</summary>
    /// <param name="now">Now, in ticks.</param>
    /// <returns>Each limit with its excess; empty as it should be.</returns>
    public IEnumerable<string> Overshoot(long now)
    {
        if (Limits.RequestsPerMinute is { } perMinute && Limits.Pacing == Pacing.Window)
        {
            if (Over(Sure(now, TimeSpan.TicksPerMinute).Count(), perMinute) is { } over)
                yield return $"requestsPerMinute {over}";
        }
        else if (Limits.RequestsPerMinute is { } rate && TooClose(now, rate) is { } close)
        {
            yield return $"pacing {close}";
        }

        if (Limits.TokensPerMinute is { } tokens && Over(SureTokens(now), tokens) is { } overTokens)
            yield return $"tokensPerMinute {overTokens}";

        if (Limits.RequestsPerDay is { } perDay && Over(Sure(now, TimeSpan.TicksPerDay).Count(), perDay) is { } overDay)
            yield return $"requestsPerDay {overDay}";

        if (Limits.MaxConcurrent is { } concurrent && Over(_calls.Count(call => call.IsOpen(now)), concurrent) is { } overOpen)
            yield return $"maxConcurrent {overOpen}";
    }

    /// <summary>Whether a request that was refused would have fitted whatever is uncertain.</summary>
    /// <param name="limit">The limit that refused.</param>
    /// <param name="tokens">The request's tokens.</param>
    /// <param name="from">When it asked, in ticks.</param>
    /// <param name="to">When it was answered, in ticks.</param>
    /// <returns>Whether it would have.</returns>
    public bool WouldFit(string limit, long tokens, long from, long to) => limit switch
    {
        "requestsPerMinute" when Limits.Pacing == Pacing.Window =>
            Possible(from, to, TimeSpan.TicksPerMinute).Count() + 1 <= Limits.RequestsPerMinute,
        "requestsPerMinute" => FitsPace(from),
        "tokensPerMinute" => PossibleTokens(from, to) + tokens <= Limits.TokensPerMinute,
        "requestsPerDay" => Possible(from, to, TimeSpan.TicksPerDay).Count() + 1 <= Limits.RequestsPerDay,
        "maxConcurrent" => _calls.Count(call => call.MayBeOpen(from)) + 1 <= Limits.MaxConcurrent,
        "maxTokensPerRequest" => tokens <= Limits.MaxTokensPerRequest,
        _ => true,
    };

    /// <summary>The latest calls, for a report.</summary>
    /// <param name="now">Now, in ticks.</param>
    /// <returns>Their ages and states.</returns>
    public string Explain(long now) => $"{Limits}: " + string.Join(", ", _calls.Where(call => call.Asked > now - (5 * TimeSpan.TicksPerMinute)).Select(call =>
        $"{call.Request.OperationId} {call.State} {TimeSpan.FromTicks(now - call.Asked)}-{TimeSpan.FromTicks(now - call.Answered)} {call.LeastTokens}-{call.MostTokens}+{call.Excess.Least} "
        + $"lease {TimeSpan.FromTicks(call.LeaseFrom - now)}"));

    private string? Over(long counted, long limit)
    {
        if (limit > 0)
            Fullest = Math.Max(Fullest, counted / (double)limit);

        return counted > limit ? $"{counted} > {limit}" : null;
    }

    private static bool IsSure(Call call) =>
        call.State is CallState.Open or CallState.Settled or CallState.HalfSettled or CallState.Released or CallState.Abandoned;

    private static bool IsPossible(Call call) => call.State is not (CallState.Refused or CallState.HungUp);

    private IEnumerable<Call> Sure(long now, long window) => _calls.Where(call => IsSure(call) && call.Asked > now - window);

    private IEnumerable<Call> Possible(long from, long to, long window) =>
        _calls.Where(call => IsPossible(call) && call.Answered > from - window && call.Asked <= to);

    private long SureTokens(long now) => Sure(now, TimeSpan.TicksPerMinute).Sum(call => call.LeastTokens)
        + _calls.Where(call => call.Excess.Moment > now - TimeSpan.TicksPerMinute).Sum(call => call.Excess.Least);

    private long PossibleTokens(long from, long to) => Possible(from, to, TimeSpan.TicksPerMinute).Sum(call => call.MostTokens)
        + _calls.Where(call => call.Excess.Moment > from - TimeSpan.TicksPerMinute).Sum(call => call.Excess.Most);

    /// <summary>Of any requests in a row, all but the burst must have had their time (GCRA, ITU-T I.371, written as a bound).</summary>
    private string? TooClose(long now, int rate)
    {
        var last = Sure(now, TimeSpan.TicksPerDay).Select(call => call.Answered).Order().TakeLast(PacedCalls).ToList();
        var first = Sure(now, TimeSpan.TicksPerDay).Select(call => call.Asked).Order().TakeLast(PacedCalls).ToList();
        for (var i = 0; i < last.Count; i++)
        {
            var count = last.Count - i;
            if ((Int128)(count - Burst) * TimeSpan.TicksPerMinute > (Int128)(last[^1] - first[i]) * rate)
                return $"{count} requests in {TimeSpan.FromTicks(last[^1] - first[i])}";
        }

        return null;
    }

    private bool FitsPace(long now)
    {
        // Whoever left in the middle may have taken his place in the spacing, which cannot be given back.
        var moments = _calls.Where(call => call.State != CallState.Refused).Select(call => Math.Min(call.Answered, now))
            .Order().TakeLast(PacedCalls).ToList();
        for (var i = 0; i < moments.Count; i++)
        {
            if ((Int128)(moments.Count - i + 1 - Burst) * TimeSpan.TicksPerMinute > (Int128)(now - moments[i]) * Limits.RequestsPerMinute!.Value)
                return false;
        }

        return true;
    }
}
