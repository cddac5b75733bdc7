using System.Globalization;
using OrleansChat.Core.CircuitBreaking;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Health;
using OrleansChat.Core.RateLimiting;
using OrleansChat.Core.Upstreams;

namespace OrleansChat.Core.Routing;

/// <summary>What each target of a route said, and the problem that follows when none opened.</summary>
/// <param name="model">The model whose route it is.</param>
internal sealed class RouteFailures(Model model)
{
    private readonly Lock _gate = new();
    private readonly List<Failure> _failures = [];

    /// <summary>A target was asked and failed.</summary>
    /// <param name="target">The target.</param>
    /// <param name="failure">How it failed.</param>
    public void Add(UpstreamTarget target, UpstreamException failure) =>
        Add(new Failure(target, failure.Problem, CodeOf(failure), failure.RetryAfter?.TotalSeconds, failure));

    /// <summary>A target's breaker is open.</summary>
    /// <param name="target">The target.</param>
    /// <param name="snapshot">The breaker.</param>
    /// <param name="now">Now.</param>
    public void AddOpen(UpstreamTarget target, BreakerSnapshot snapshot, DateTimeOffset now)
    {
        var retry = snapshot.RetryAt is { } at ? Math.Max(0, (at - now).TotalSeconds) : (double?)null;
        var until = retry is null ? "until it is reset" : string.Create(CultureInfo.InvariantCulture, $"for {retry:0.###} more seconds");
        var failure = new UpstreamException(
            target.Upstream, UpstreamFailure.CircuitOpen, $"it is left alone {until} after {snapshot.Cause ?? "failures"}");
        Add(new Failure(target, failure.Problem, ProblemCode.UpstreamUnavailable, retry, failure));
    }

    /// <summary>A target has become slow, and takes no more calls at the moment.</summary>
    /// <param name="target">The target.</param>
    public void AddSlow(UpstreamTarget target)
    {
        const double retry = 1;
        var problem = Problem.Of(
            ProblemCode.UpstreamUnavailable, $"Upstream '{target.Upstream}' has more to do than it can answer in time.", "Try again after the time given, and wait longer each time.");
        Add(new Failure(target, problem, ProblemCode.UpstreamUnavailable, retry, null) { IsSlow = true });
    }

    /// <summary>A target's own limits, as configured here, are reached.</summary>
    /// <param name="target">The target.</param>
    /// <param name="scope">The scope.</param>
    /// <param name="decision">The decision.</param>
    public void AddLimited(UpstreamTarget target, string scope, RateLimitDecision decision)
    {
        var problem = new Admission.Refusal(scope, decision.Limit!, decision.RetryAfter).ToProblem();
        Add(new Failure(target, problem, ProblemCode.RateLimited, problem.RetryAfterSeconds, null));
    }

    /// <summary>The exception for the caller.</summary>
    /// <returns>The only failure as it was, or one that lists them all.</returns>
    public OrleansChatException ToException()
    {
        if (_failures is [var only])
        {
            var problem = only.Problem with { RetryAfterSeconds = only.RetrySeconds };
            if (only.Code == ProblemCode.RateLimited)
                return new RequestException(problem);
            return new OrleansChatException(problem, only.Cause) { Fallback = only.IsSlow ? Fallbacks.Shedding : null };
        }

        var said = string.Join(" ", _failures.Select(failure => $"[{failure.Target}] {failure.Problem.Detail}"));
        var all = Problem.Of(Code(), $"No upstream of model '{model.Id}' could answer. {said}", "Try again later, or choose another model.") with
        {
            RetryAfterSeconds = _failures.Min(failure => failure.RetrySeconds),
        };
        var causes = _failures.Select(failure => failure.Cause).OfType<Exception>().ToList();
        return new OrleansChatException(all, causes.Count == 0 ? null : new AggregateException(causes)) { Fallback = _failures.All(static failure => failure.IsSlow) ? Fallbacks.Shedding : null };
    }

    /// <summary>
    /// The code that all share; of different ones, that an upstream is not there now when any said so, since that passes, and an error otherwise.
    /// </summary>
    private ProblemCode Code()
    {
        var codes = _failures.Select(failure => failure.Code).Distinct().ToList();
        return codes is [var one] ? one
            : codes.Contains(ProblemCode.UpstreamUnavailable) || codes.Contains(ProblemCode.RateLimited) ? ProblemCode.UpstreamUnavailable
            : ProblemCode.UpstreamError;
    }

    private void Add(Failure failure)
    {
        // Two calls of a hedged one may fail at once.
        lock (_gate)
            _failures.Add(failure);
    }

    private static ProblemCode CodeOf(UpstreamException failure) => ProblemCode.Named(failure.Problem.Code);

    private sealed record Failure(UpstreamTarget Target, Problem Problem, ProblemCode Code, double? RetrySeconds, Exception? Cause)
    {
        /// <summary>Whether the target was not asked, because what it has to do already takes it too long.</summary>
        public bool IsSlow { get; init; }
    }
}
