using OrleansChat.Core.CircuitBreaking;
using OrleansChat.Core.Errors;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Tests.RateLimiting;

namespace OrleansChat.Core.Tests.Routing;

/// <summary>What the limits and breakers of upstreams are asked and told.</summary>
internal sealed partial class NaiveRouter
{
    /// <summary>Gives a reservation back when no later target can use it.</summary>
    private void GiveBack(Lane lane, string upstream)
    {
        if (lane.Passed.Contains(upstream) && lane.Run.Untried.TrueForAll(later => later.Upstream != upstream))
        {
            lane.Passed.Remove(upstream);
            SettleNothing(lane, upstream);
        }
    }

    private void SettleNothing(Lane lane, string upstream)
    {
        if (!_limits.TryGetValue(upstream, out var limited))
            return;

        limited.Scope.Settle(lane.Id, 0, Now);
        Write(lane.Id, $"gives back {upstream}");
    }

    /// <summary>Asks the limits of an upstream; whoever has asked before passes.</summary>
    private (string Limit, double? Seconds)? Acquire(string upstream, string id, long tokens)
    {
        var (limits, scope, seen) = _limits[upstream];
        var request = new RateLimitRequest { OperationId = id, Limits = limits, Tokens = tokens };
        if (seen.Contains(id) || scope.Fits(request, Now))
        {
            if (seen.Add(id))
                scope.Admit(request, Now);
            return null;
        }

        (string Name, RateLimits Alone)[] each =
        [
            ("maxTokensPerRequest", new RateLimits { MaxTokensPerRequest = limits.MaxTokensPerRequest }),
            ("requestsPerMinute", new RateLimits { RequestsPerMinute = limits.RequestsPerMinute }),
            ("tokensPerMinute", new RateLimits { TokensPerMinute = limits.TokensPerMinute }),
            ("maxConcurrent", new RateLimits { MaxConcurrent = limits.MaxConcurrent }),
        ];
        var (name, moment) = each.Select(one => (one.Name, At: FirstFit(scope, request with { Limits = one.Alone }))).MaxBy(one => one.At);
        return (name, moment == long.MaxValue ? null : TimeSpan.FromTicks(moment - Now).TotalSeconds);
    }

    private long FirstFit(NaiveScope scope, RateLimitRequest request) =>
        scope.Ends.Append(Now).Where(end => end >= Now && scope.Fits(request, end)).Append(long.MaxValue).Min();

    private void Report(string who, string upstream, string id, UpstreamException? failure)
    {
        var outcome = new BreakerOutcome(id, failure?.Failure, failure?.RetryAfter, failure?.Problem.Detail) { EarlierSuccesses = TakeSuccesses(upstream) };
        _breakers[upstream].Report(outcome, Now);
        Learn(upstream);
        Write(who, RecordedActors.Told(upstream, outcome));
    }

    private void LeaveProbe(Lane lane, Call call)
    {
        var outcome = new BreakerOutcome(call.Id, null) { Cancelled = true };
        _breakers[call.Target.Upstream].Report(outcome, Now);
        Learn(call.Target.Upstream);
        Write(lane.Id, RecordedActors.Told(call.Target.Upstream, outcome));
    }

    /// <summary>Calls that went well and that the breaker has not heard of, where it asks for their number.</summary>
    private int TakeSuccesses(string upstream)
    {
        var part = _script.Settings.Breakers.FailureWindow.Ticks / CallWindow.Parts;
        var count = _successes[upstream].Count(at => at / part > (Now / part) - CallWindow.Parts);
        _successes[upstream].Clear();
        return _script.Settings.Breakers.FailureRatio is null ? 0 : count;
    }

    private BreakerSnapshot Learn(string upstream) => _known[upstream] = _breakers[upstream].Describe(Now);
}
