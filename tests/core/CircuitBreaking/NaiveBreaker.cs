using OrleansChat.Core.CircuitBreaking;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Settings;

namespace OrleansChat.Core.Tests.CircuitBreaking;

/// <summary>A breaker as one would write it down first: lists of everything since it was last closed, searched from end to end at every question.</summary>
internal sealed class NaiveBreaker(BreakerOptions options)
{
    private readonly List<Call> _calls = [];
    private readonly List<Opening> _openings = [];
    private readonly List<Cooldown> _cooldowns = [];
    private readonly List<Probe> _probes = [];

    private Opening? Opened => _openings.LastOrDefault();

    public (bool Allowed, bool Probe) Enter(string id, long now)
    {
        if (StateAt(now) != BreakerState.HalfOpen)
            return (StateAt(now) == BreakerState.Closed, false);

        var live = _probes.LastOrDefault(probe => !probe.IsOver && probe.Until > now);
        if (live is null)
            _probes.Add(live = new Probe(id, now + options.ProbeLease.Ticks));

        return (live.Id == id, live.Id == id);
    }

    public void Report(BreakerOutcome outcome, long now)
    {
        // A probe whose permit has run out is one until another goes.
        var probes = _probes is [.., { IsOver: false } last] && last.Id == outcome.OperationId;
        if (probes)
            _probes[^1].IsOver = true;

        if (outcome.Cancelled)
            return;

        var says = Says(outcome.Failure);
        if (Opened is null)
            _calls.Add(new Call(now, says, 1 + outcome.EarlierSuccesses));

        var cooldown = Shorter(outcome.RetryAfter ?? options.DefaultCooldown, options.MaxCooldown);
        if (outcome.Failure == UpstreamFailure.RateLimited && cooldown > TimeSpan.Zero)
            _cooldowns.Add(new Cooldown(now, Add(now, cooldown), outcome.Detail));

        if (says == Sign.Well && probes)
            Close();
        else if (says == Sign.Ill && (probes || (Opened is null && Suffices(now))))
            _openings.Add(new Opening(now, Math.Max(Add(now, Wait()), Add(now, Shorter(outcome.RetryAfter ?? default, options.MaxCooldown))), $"{outcome.Failure}: {outcome.Detail}"));
    }

    public void Trip(string by, long now)
    {
        _openings.Add(new Opening(now, long.MaxValue, "Tripped by an admin.") { By = by });
        _probes.Clear();
    }

    public void Close()
    {
        _calls.Clear();
        _openings.Clear();
        _cooldowns.Clear();
        _probes.Clear();
    }

    public BreakerState StateAt(long now)
    {
        if (Opened?.Until > now || _cooldowns.Exists(cooldown => cooldown.Until > now))
            return BreakerState.Open;

        return Opened is null ? BreakerState.Closed : BreakerState.HalfOpen;
    }

    public BreakerSnapshot Describe(long now)
    {
        var state = StateAt(now);
        var lasting = _cooldowns.Where((cooldown, i) => _cooldowns.Take(i).All(earlier => cooldown.Until > earlier.Until)).LastOrDefault();
        var until = Math.Max(Opened?.Until ?? 0, lasting?.Until ?? 0);
        return new BreakerSnapshot
        {
            Upstream = "u",
            State = state,
            Failures = _calls.AsEnumerable().Reverse().TakeWhile(call => call.Sign != Sign.Well).Count(call => call.Sign == Sign.Ill)
                + _openings.Skip(1).Count(opening => !opening.ByHand),
            OpenedAt = state == BreakerState.Closed ? null : At(Opened?.At ?? lasting!.At),
            RetryAt = state == BreakerState.Closed || until == long.MaxValue ? null : At(until),
            Cause = state == BreakerState.Closed ? null : Opened?.Cause ?? $"RateLimited: {lasting!.Detail}",
            By = Opened?.By,
        };
    }

    private static Sign Says(UpstreamFailure? failure) => failure switch
    {
        null or UpstreamFailure.InvalidRequest => Sign.Well,
        UpstreamFailure.RateLimited or UpstreamFailure.NotFound or UpstreamFailure.CircuitOpen => Sign.Nothing,
        _ => Sign.Ill,
    };

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static long Add(long now, TimeSpan time) => now + time.Ticks;

    private static DateTimeOffset At(long ticks) => new(ticks, TimeSpan.Zero);

    /// <summary>Whether the failures open it.</summary>
    private bool Suffices(long now)
    {
        var inARow = _calls.AsEnumerable().Reverse().TakeWhile(call => call.Sign != Sign.Well).Count(call => call.Sign == Sign.Ill);
        var part = options.FailureWindow.Ticks / CallWindow.Parts;
        var recent = _calls.Where(call => call.At / part > (now / part) - CallWindow.Parts).ToList();
        var calls = recent.Sum(call => call.Count);
        return inARow >= options.ConsecutiveFailures
            || (options.FailureRatio is { } ratio && calls >= options.MinimumCalls && recent.Count(call => call.Sign == Sign.Ill) >= ratio * calls);
    }

    /// <summary>The wait of the next opening: each is twice as long as the one before.</summary>
    private TimeSpan Wait()
    {
        var wait = options.OpenDuration;
        foreach (var _ in _openings.Where(opening => !opening.ByHand))
            wait = Shorter(wait * 2, options.MaxOpenDuration);

        return Shorter(wait, options.MaxOpenDuration);
    }

    private enum Sign
    {
        Well,
        Ill,
        Nothing,
    }

    private sealed record Call(long At, Sign Sign, int Count);

    private sealed record Opening(long At, long Until, string Cause)
    {
        public string? By { get; init; }

        public bool ByHand => By is not null;
    }

    private sealed record Cooldown(long At, long Until, string? Detail);

    private sealed record Probe(string Id, long Until)
    {
        public bool IsOver { get; set; }
    }
}
