namespace OrleansChat.Core.RateLimiting;

/// <summary>
/// How far admissions may go before the record must be written anew: the durable bounds of what this activation can have admitted. A
/// record allows for a small share of each limit in advance, so that few requests wait for a write and a crash costs little.
/// </summary>
internal sealed class Allowance
{
    /// <summary>One part in this many of a limit is allowed for in advance.</summary>
    private const int Shares = 16;

    /// <summary>Requests under way that have names in a record. After a crash the others hold their places until their leases have run out.</summary>
    private const int MostNamed = 1_000;

    private Bounds _durable = new(0, 0, TheoreticalArrival.None);
    private Bounds _writing;

    /// <summary>Whether everything admitted under these limits is within the durable record.</summary>
    /// <param name="scope">What was admitted.</param>
    /// <param name="limits">The limits that hold now.</param>
    /// <returns>Whether it is.</returns>
    public bool Covers(LimitedScope scope, RateLimits limits) =>
        (!CountsRequests(limits) || scope.RequestsCounted <= _durable.Requests)
        && (limits.TokensPerMinute is null || scope.TokensCounted <= _durable.Tokens)
        && (!IsPaced(limits) || scope.Pacer.State.IsAtMost(_durable.Pace));

    /// <summary>Whether a further admission would be within the durable record.</summary>
    /// <param name="request">The request.</param>
    /// <param name="scope">What was admitted before it.</param>
    /// <param name="now">Now, in ticks.</param>
    /// <returns>Whether it would.</returns>
    public bool CoversAlso(RateLimitRequest request, LimitedScope scope, long now)
    {
        var limits = request.Limits;
        return (!CountsRequests(limits) || scope.RequestsCounted < _durable.Requests)
            && (limits.TokensPerMinute is null || scope.TokensCounted + request.Tokens <= _durable.Tokens)
            && (!IsPaced(limits) || PaceIn(scope, limits, 1, now).IsAtMost(_durable.Pace));
    }

    /// <summary>Whether the record should be written soon, so that no request has to wait for it.</summary>
    /// <param name="scope">What was admitted.</param>
    /// <param name="limits">The limits that hold now.</param>
    /// <param name="now">Now, in ticks.</param>
    /// <returns>Whether it should.</returns>
    public bool RunsLow(LimitedScope scope, RateLimits limits, long now) =>
        (CountsRequests(limits) && scope.RequestsCounted + Math.Max(1, RequestShare(limits) / 2) > _durable.Requests)
        || (limits.TokensPerMinute is { } tokens && scope.TokensCounted + (ShareOf(tokens) / 2) > _durable.Tokens)
        || (IsPaced(limits) && !PaceIn(scope, limits, RequestShare(limits) / 2, now).IsAtMost(_durable.Pace));

    /// <summary>A record that covers what was admitted and a share more.</summary>
    /// <param name="scope">What was admitted.</param>
    /// <param name="limits">The limits that hold now.</param>
    /// <param name="now">Now, in ticks.</param>
    /// <returns>The record, to be written at once.</returns>
    public RateLimiterState BeginWrite(LimitedScope scope, RateLimits limits, long now)
    {
        var pace = IsPaced(limits) ? PaceIn(scope, limits, RequestShare(limits), now) : scope.Pacer.State;
        _writing = new Bounds(
            Math.Max(_durable.Requests, scope.RequestsCounted + (CountsRequests(limits) ? RequestShare(limits) : 0)),
            Math.Max(_durable.Tokens, scope.TokensCounted + (limits.TokensPerMinute is { } tokens ? ShareOf(tokens) : 0)),
            pace.IsAtMost(_durable.Pace) ? _durable.Pace : pace);
        var operations = RateLimiterRecord.Operations(scope, MostNamed);
        return new RateLimiterState
        {
            MinuteRequests = WindowLog.Write(scope.MinuteRequests, exact: false),
            MinuteTokens = WindowLog.Write(scope.MinuteTokens, exact: false),
            DayRequests = WindowLog.Write(scope.DayRequests, exact: false),
            AllowedRequests = _writing.Requests - scope.RequestsCounted,
            AllowedTokens = _writing.Tokens - scope.TokensCounted,

            // Who is under way when the record is found is named in it or was admitted after it: so the end of one that is named frees its place,
            // whether it was known before or not.
            AllowedLeases = (int)(scope.Open.Count - operations.Count + (limits.MaxConcurrent is null ? 0 : _writing.Requests - scope.RequestsCounted)),
            Operations = operations,
            OperationsMayGoOn = true,
            LeaseTicks = Math.Max(RateLimitRequest.DefaultLease.Ticks, scope.Open.LongestLease(now)),
            PaceTicks = _writing.Pace.Ticks,
            PacePart = _writing.Pace.Part,
            PaceRate = _writing.Pace.Rate,
        };
    }

    /// <summary>The record is durable.</summary>
    public void EndWrite() => _durable = _writing;

    private static bool CountsRequests(RateLimits limits) =>
        limits.RequestsPerDay is not null || limits.MaxConcurrent is not null || (limits.RequestsPerMinute is not null && limits.Pacing == Pacing.Window);

    private static bool IsPaced(RateLimits limits) => limits is { Pacing: Pacing.Smooth, RequestsPerMinute: > 0 };

    private static long RequestShare(RateLimits limits) => ShareOf(Math.Min(
        limits.MaxConcurrent ?? int.MaxValue, Math.Min(limits.RequestsPerMinute ?? int.MaxValue, limits.RequestsPerDay ?? int.MaxValue)));

    private static long ShareOf(long limit) => Math.Max(1, limit / Shares);

    private static TheoreticalArrival PaceIn(LimitedScope scope, RateLimits limits, long requests, long now)
    {
        var state = scope.Pacer.State.At(limits.RequestsPerMinute!.Value);
        return state with { Ticks = Math.Max(state.Ticks, now) + (requests * TimeSpan.TicksPerMinute / state.Rate) + 1 };
    }

    private readonly record struct Bounds(long Requests, long Tokens, TheoreticalArrival Pace);
}
