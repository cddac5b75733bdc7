using OrleansChat.Core.RateLimiting;

namespace OrleansChat.Bench.Accuracy;

/// <summary>Holds the limiters' answers against the references.</summary>
/// <param name="scopes">The references.</param>
/// <param name="world">The world.</param>
/// <param name="report">Where deviations go.</param>
/// <param name="kills">When the process was killed.</param>
internal sealed class LimitChecks(AccuracyScopes scopes, AccuracyWorld world, AccuracyReport report, KillLog kills)
{
    /// <summary>A record made for a crash may say that something was counted up to a 64th of the window later.</summary>
    private const int CoarseParts = 64;

    private readonly Dictionary<string, List<long>> _openedAt = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, long>> _perhapsAt = new(StringComparer.Ordinal);

    /// <summary>A call may have been counted by the upstreams of its model.</summary>
    /// <param name="call">The call.</param>
    public void Perhaps(Call call)
    {
        foreach (var upstream in AccuracyWorld.UpstreamsOf(call.Request.Model))
        {
            if (call.Grant is null || call.Grant.Upstream == upstream)
                Perhaps(upstream, call, call.Answered);
        }
    }

    /// <summary>An upstream was asked.</summary>
    /// <param name="upstream">The upstream.</param>
    /// <param name="call">For whom.</param>
    /// <param name="now">Now, in ticks.</param>
    public void Opened(string upstream, Call call, long now)
    {
        if (!_openedAt.TryGetValue(upstream, out var opened))
            _openedAt[upstream] = opened = [];

        // Counted when it was admitted, which may be a while before the upstream is asked.
        var moment = call.Grant?.Upstream == upstream ? call.Asked : now;
        opened.Add(moment);
        Perhaps(upstream, call, Math.Max(moment, call.Answered));
    }

    /// <summary>After a burst: nothing passed its limit, and nothing that was refused would have fitted.</summary>
    /// <param name="asked">The calls of the burst.</param>
    /// <param name="now">Now, in ticks.</param>
    public void Admissions(IReadOnlyCollection<Call> asked, long now)
    {
        Overshoots(asked, now);
        foreach (var call in asked.Where(call => call.State == CallState.Refused))
        {
            if (call.Refusal!.Code == "rate_limited")
                Undershoot(call, now);
            else if (call.Refusal.Code != "budget_exceeded")
                report.Deviate($"{call.Request.OperationId} was refused with {call.Refusal.Code}: {call.Refusal.Detail}");
        }
    }

    /// <summary>After a burst: nothing passed its limit.</summary>
    /// <param name="asked">The calls of the burst.</param>
    /// <param name="now">Now, in ticks.</param>
    public void Overshoots(IReadOnlyCollection<Call> asked, long now)
    {
        foreach (var scope in asked.Where(call => call.State == CallState.Open).SelectMany(AccuracyScopes.LimitsOf).Distinct().ToList())
        {
            report.OvershootChecks++;
            foreach (var over in scopes.Limits[scope].Overshoot(now))
                report.Overshoot($"{scope}: {over}; {scopes.Limits[scope].Explain(now)}");
        }
    }

    /// <summary>
    /// After a burst of callers who wait for their limits: nothing passed its limit. That nobody waits past his deadline is not asked here, since
    /// the clock of a run may go faster than a busy machine lets callers hear of it.
    /// </summary>
    /// <param name="asked">The calls of the burst.</param>
    /// <param name="now">Now, in ticks.</param>
    public void Waits(IReadOnlyCollection<Call> asked, long now)
    {
        Overshoots(asked, now);
        report.Waited += asked.Count(call => call.State == CallState.Open && call.Answered - call.Asked >= TimeSpan.TicksPerSecond);
    }

    /// <summary>The upstreams' own count against their limits.</summary>
    /// <param name="now">Now, in ticks.</param>
    public void Upstreams(long now)
    {
        foreach (var upstream in world.Settings.Upstreams)
        {
            if (!_openedAt.TryGetValue(upstream.Id, out var opened))
                continue;

            opened.RemoveAll(at => at <= now - TimeSpan.TicksPerMinute);
            report.OvershootChecks++;
            if (opened.Count > upstream.Limits.RequestsPerMinute)
                report.Overshoot($"upstream:{upstream.Id} was asked {opened.Count} times in a minute, its limit is {upstream.Limits.RequestsPerMinute}");
        }

        foreach (var scope in scopes.Limits.Values)
            scope.Trim(now);
    }

    /// <summary>The answers to a request just before its time to retry, and at that time.</summary>
    /// <param name="refused">What was refused.</param>
    /// <param name="wait">The time to retry, in ticks.</param>
    /// <param name="early">The answer a tick before it.</param>
    /// <param name="inTime">The answer at it.</param>
    public void Retry(Call refused, long wait, Call early, Call inTime)
    {
        report.RetryChecks++;
        var left = early.State != CallState.Refused ? -1 : TicksOf(early);
        if (early.Refusal?.Code != "rate_limited" || left != 1)
        {
            report.WorstRetryTicks = Math.Max(report.WorstRetryTicks, Math.Abs(left - 1));
            report.Deviate($"{refused.Refusal!.Subject}: told to come back in {wait} ticks, a tick before that the answer is {early.State} with {left} ticks to go");
        }

        if (inTime.Refusal?.Code == "rate_limited")
        {
            var more = TicksOf(inTime);
            report.WorstRetryTicks = Math.Max(report.WorstRetryTicks, more);
            report.Deviate($"{refused.Refusal!.Subject}: told to come back in {wait} ticks, then refused by {inTime.Refusal.Subject} for {more} more");
        }
    }

    /// <summary>No lease is held any more.</summary>
    /// <param name="host">The host.</param>
    /// <returns>A task.</returns>
    public async Task EndAsync(AccuracyHost host)
    {
        foreach (var (scope, reference) in scopes.Limits)
        {
            report.Fullest = Math.Max(report.Fullest, reference.Fullest);
            var status = await host.Actors.RateLimiter(scope).DescribeAsync(new RateLimits { MaxConcurrent = 1 }, default);
            report.Leak(scope, status.Concurrent!.InUse, "leases");
        }
    }

    private static long TicksOf(Call call) => (long)Math.Round((call.Refusal!.RetryAfterSeconds ?? -1) * TimeSpan.TicksPerSecond);

    private void Perhaps(string upstream, Call call, long moment)
    {
        if (!_perhapsAt.TryGetValue(upstream, out var calls))
            _perhapsAt[upstream] = calls = new(StringComparer.Ordinal);

        calls[call.Request.OperationId] = moment;
    }

    private void Undershoot(Call call, long now)
    {
        var subject = call.Refusal!.Subject!;
        var space = subject.LastIndexOf(' ');
        var (scope, limit) = (subject[..space], subject[(space + 1)..]);

        // After a kill a scope is short of what its record allowed for, until that has left the window. Even spacing has none: what it is short of
        // it stays short of until a pause.
        var isPaced = scope == $"key:{call.Request.Key.Id}" && call.Request.Key.Limits.Pacing == Pacing.Smooth;
        var memory = limit switch
        {
            "requestsPerMinute" when isPaced => TimeSpan.TicksPerDay,
            "requestsPerDay" => TimeSpan.TicksPerDay + (TimeSpan.TicksPerDay / CoarseParts),
            "maxConcurrent" => RateLimitRequest.DefaultLease.Ticks,
            _ => TimeSpan.TicksPerMinute + (TimeSpan.TicksPerMinute / CoarseParts),
        };
        if (kills.Since(call.Asked - memory))
            return;

        report.UndershootChecks++;
        if (scope.StartsWith("upstream:", StringComparison.Ordinal))
            UpstreamUndershoot(call, scope["upstream:".Length..], limit);
        else if (scopes.LimitsOf(scope, call) is var reference && reference.WouldFit(limit, call.Tokens, call.Asked, call.Answered))
            report.Undershoot($"{call.Request.OperationId} was refused by {subject} although it fits: {call.Refusal.RetryAfterSeconds} s; {reference.Explain(now)}");
    }

    private void UpstreamUndershoot(Call call, string upstream, string limit)
    {
        var limits = world.Settings.Upstreams.Single(one => one.Id == upstream).Limits;
        var counted = _perhapsAt.GetValueOrDefault(upstream)?.Values.Count(at => at > call.Asked - TimeSpan.TicksPerMinute) ?? 0;
        if (limit == "requestsPerMinute" && counted < limits.RequestsPerMinute)
            report.Undershoot($"{call.Request.OperationId} was refused by upstream:{upstream} although only {counted} of {limits.RequestsPerMinute} can have asked it");
    }
}
