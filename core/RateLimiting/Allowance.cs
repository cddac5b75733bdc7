namespace OrleansChat.Core.RateLimiting;

/// <summary>
/// How far admissions may go before the record must be written anew: the durable bounds of what this activation can have admitted. A
/// record allows for a small share of each limit in advance, so that few requests wait for a write and a crash costs little.
/// </summary>
internal sealed class Allowance
{
    /// <summary>One part in this many of a limit is allowed for in advance.</summary>
    private const int Shares = 16;

    private Bounds _durable = new(0, 0, 0, TheoreticalArrival.None);
    private Bounds _writing;

    /// <summary>Whether everything admitted under these limits is within the durable record.</summary>
    /// <param name="scope">What was admitted.</param>
    /// <param name="limits">The limits that hold now.</param>
    /// <returns>Whether it is.</returns>
    public bool Covers(LimitedScope scope, RateLimits limits) =>
        (!CountsRequests(limits) || scope.RequestsCounted <= _durable.Requests)
        && (limits.TokensPerMinute is null || scope.TokensCounted <= _durable.Tokens)
        && (limits.MaxConcurrent is null || scope.Open.Count <= _durable.Leases)
        && (!IsPaced(limits) || scope.Pacer.State.IsAtMost(_durable.Pace));

    /// <summary>Whether the record should be written soon, so that no request has to wait for it.</summary>
    /// <param name="scope">What was admitted.</param>
    /// <param name="limits">The limits that hold now.</param>
    /// <param name="now">Now, in ticks.</param>
    /// <returns>Whether it should.</returns>
    public bool RunsLow(LimitedScope scope, RateLimits limits, long now) =>
        (CountsRequests(limits) && scope.RequestsCounted + (RequestShare(limits) / 2) > _durable.Requests)
        || (limits.TokensPerMinute is { } tokens && scope.TokensCounted + (ShareOf(tokens) / 2) > _durable.Tokens)
        || (limits.MaxConcurrent is { } concurrent && scope.Open.Count + (ShareOf(concurrent) / 2) > _durable.Leases)
        || (IsPaced(limits) && !PaceIn(scope, limits, RequestShare(limits) / 2, now).IsAtMost(_durable.Pace));

    /// <summary>A record that covers what was admitted and a share more.</summary>
    /// <param name="scope">What was admitted.</param>
    /// <param name="limits">The limits that hold now.</param>
    /// <param name="now">Now, in ticks.</param>
    /// <returns>The record, to be written at once.</returns>
    public RateLimiterState BeginWrite(LimitedScope scope, RateLimits limits, long now)
    {
        var pace = IsPaced(limits) ? PaceIn(scope, limits, RequestShare(limits), now) : scope.Pacer.State;
        var leases = scope.Open.Count + (limits.MaxConcurrent is { } most ? (int)ShareOf(most) : 0);
        _writing = new Bounds(
            Math.Max(_durable.Requests, scope.RequestsCounted + (CountsRequests(limits) ? RequestShare(limits) : 0)),
            Math.Max(_durable.Tokens, scope.TokensCounted + (limits.TokensPerMinute is { } tokens ? ShareOf(tokens) : 0)),
            leases,
            pace.IsAtMost(_durable.Pace) ? _durable.Pace : pace);

        // Until the write is done either record may be found.
        _durable = _durable with { Leases = Math.Min(_durable.Leases, leases) };
        return new RateLimiterState
        {
            MinuteRequests = WindowLog.Write(scope.MinuteRequests, exact: false),
            MinuteTokens = WindowLog.Write(scope.MinuteTokens, exact: false),
            DayRequests = WindowLog.Write(scope.DayRequests, exact: false),
            AllowedRequests = _writing.Requests - scope.RequestsCounted,
            AllowedTokens = _writing.Tokens - scope.TokensCounted,
            AllowedLeases = leases,
            LeaseTicks = Math.Max(RateLimitRequest.DefaultLease.Ticks, scope.Open.LongestLease(now)),
            PaceTicks = _writing.Pace.Ticks,
            PacePart = _writing.Pace.Part,
            PaceRate = _writing.Pace.Rate,
        };
    }

    /// <summary>The record is durable.</summary>
    public void EndWrite() => _durable = _writing;

    private static bool CountsRequests(RateLimits limits) =>
        limits.RequestsPerDay is not null || (limits.RequestsPerMinute is not null && limits.Pacing == Pacing.Window);

    private static bool IsPaced(RateLimits limits) => limits is { Pacing: Pacing.Smooth, RequestsPerMinute: > 0 };

    private static long RequestShare(RateLimits limits) =>
        ShareOf(Math.Min(limits.RequestsPerMinute ?? int.MaxValue, limits.RequestsPerDay ?? int.MaxValue));

    private static long ShareOf(long limit) => Math.Max(1, limit / Shares);

    private static TheoreticalArrival PaceIn(LimitedScope scope, RateLimits limits, long requests, long now)
    {
        var state = scope.Pacer.State.At(limits.RequestsPerMinute!.Value);
        return state with { Ticks = Math.Max(state.Ticks, now) + (requests * TimeSpan.TicksPerMinute / state.Rate) + 1 };
    }

    private readonly record struct Bounds(long Requests, long Tokens, int Leases, TheoreticalArrival Pace);
}
