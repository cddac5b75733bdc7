using OrleansChat.Core.RateLimiting;
using OrleansChat.Testing;

namespace OrleansChat.Bench.Accuracy;

/// <summary>
/// Drives admission, routing and settlement through several gateways over a host's actors, and holds every answer against a plain reference.
/// Callers act at the same time within a step; between steps the clock moves, jumps, callers die and the process or a silo is killed, all as drawn
/// from the seed. The order in which those of one step come first is the machine's.
/// </summary>
internal sealed class AccuracyRun
{
    private const int EachFrom = 10;
    private const int EachEvery = 7;

    /// <summary>How many steps a run may take to have tried everything.</summary>
    private const int Most = 600;

    private readonly Random _random;
    private readonly AccuracySize _size;
    private readonly FakeClock _clock = new();
    private readonly AccuracyWorld _world;
    private readonly AccuracyChecks _checks;
    private readonly AccuracyCallers _callers;
    private readonly AccuracyFaults _faults;
    private TimeSpan _ahead;
    private int _jumpSteps;
    private int _step;

    private AccuracyRun(int seed, AccuracySize size)
    {
        _random = new Random(seed);
        _size = size;
        _world = AccuracyWorld.Draw(_random, size.Keys);
        Report = new AccuracyReport { Seed = seed };
        _checks = new AccuracyChecks(_world, Report);
        _callers = new AccuracyCallers(_world, size, _random, _clock, _checks, Report);
        _faults = new AccuracyFaults(_callers, size, _random, _clock, _checks);
    }

    private AccuracyReport Report { get; }

    private AccuracyHost Host => _callers.Host;

    private long Now => _clock.GetTimestamp();

    /// <summary>Runs until the first deviation, or as long as it shall.</summary>
    /// <param name="seed">What everything is drawn from.</param>
    /// <param name="size">How large the run is.</param>
    /// <param name="start">Starts the host.</param>
    /// <param name="goOn">Told the number of steps done; whether there is another one. A run that chance has not let try everything by then goes on until it has.</param>
    /// <returns>What was found.</returns>
    public static async Task<AccuracyReport> RunAsync(int seed, AccuracySize size, AccuracyHostStart start, Func<int, bool> goOn)
    {
        var run = new AccuracyRun(seed, size);
        var started = TimeProvider.System.GetTimestamp();
        await using (run._callers.Host = await start(run._world.Settings, size.Gateways, run._clock, seed))
        {
            for (; (goOn(run._step) || (run._step < Most && !run.Report.HasTriedAll)) && run.Report.Deviations.Count == 0; run._step++)
                await run.StepAsync();

            await run.EndAsync();
        }

        run.Report.Elapsed = TimeProvider.System.GetElapsedTime(started);
        return run.Report;
    }

    private async Task StepAsync()
    {
        _callers.Step = _step;
        await MoveClockAsync();
        await _callers.FinishAsync();
        await _checks.Money.BudgetsAsync(Host, Now);

        var asked = _callers.DrawMany(_size.Callers);
        await _callers.TogetherAsync(asked, _callers.AskAsync);
        _checks.Limits.Admissions(asked, Now);
        await _checks.Money.AdmissionsAsync(Host, asked, Now);
        await _callers.RouteAsync(asked);
        await CheckAsync();
        await (DrawFault() switch
        {
            < 4 => CheckRetryAsync(asked),
            < 8 => _faults.DieWhileAskingAsync(),
            < 10 => _faults.HangUpAsync(),
            10 => KillAsync(),
            < 13 => ChangeLimitsAsync(),
            < 16 => _faults.WaitAsync(),
            _ => Task.CompletedTask,
        });
        await CheckAsync();
    }

    /// <summary>Every kind comes once early on, so that a short run has them all.</summary>
    private int DrawFault()
    {
        int[] each = [0, 4, 8, 10, 11, 13];
        var drawn = _random.Next(24);
        var (number, rest) = Math.DivRem(_step - EachFrom, EachEvery);
        if (number >= 0 && number < each.Length && rest == 0)
            return each[number];

        if (number < each.Length - 1)
            return drawn;

        // Not every refusal can be come back to, not everybody leaves before the answer, and not every wait ends with a place.
        return (Report.RetryChecks, Report.HungUp, Report.Waited) switch
        {
            (0, _, _) => each[0],
            (_, 0, _) => each[2],
            (_, _, 0) => each[5],
            _ => drawn,
        };
    }

    private async Task CheckAsync()
    {
        _checks.Limits.Upstreams(Now);
        await _checks.Money.BudgetsAsync(Host, Now);
    }

    private async Task MoveClockAsync()
    {
        if (--_jumpSteps <= 0)
            SetTimeRight();

        var step = _random.Next(20) switch
        {
            < 12 => TimeSpan.FromTicks(_random.NextInt64(TimeSpan.TicksPerSecond * 3)),
            < 17 => TimeSpan.FromTicks(_random.NextInt64(TimeSpan.TicksPerSecond * 40)),
            < 19 when _ahead == TimeSpan.Zero => TimeSpan.FromTicks(_random.NextInt64(TimeSpan.TicksPerMinute * 12)),
            19 when _ahead == TimeSpan.Zero => TimeSpan.FromTicks(_random.NextInt64(TimeSpan.TicksPerHour * 9)),
            _ => TimeSpan.Zero,
        };
        _clock.Advance(step);
        await Host.RestAsync(step);

        // A jump over the edge of a budget's window makes it another window, so jumps keep to the day.
        var isFirst = _step >= EachFrom && Report.Jumps == 0;
        if (isFirst && _clock.GetUtcNow().Hour is < 3 or >= 20)
            _clock.Advance(TimeSpan.FromHours(9));

        if (_ahead == TimeSpan.Zero && _clock.GetUtcNow().Hour is >= 3 and < 20 && (_random.Next(8) == 0 || isFirst))
        {
            // Whoever begins during the jump, or is gone before it ends, has nothing but the wrong time of day to go by: none does.
            await _checks.Scopes.WakeAsync(Host);
            _ahead = TimeSpan.FromTicks(_random.NextInt64(-2 * TimeSpan.TicksPerHour, 2 * TimeSpan.TicksPerHour));
            _jumpSteps = _random.Next(1, 4);
            _clock.Jump(_ahead);
            Report.Jumps++;
        }
    }

    private void SetTimeRight()
    {
        _clock.Jump(-_ahead);
        _ahead = TimeSpan.Zero;
    }

    private Task KillAsync()
    {
        // What starts anew has nothing but the time of day to go by.
        SetTimeRight();
        return _faults.KillAsync(_step);
    }

    /// <summary>A moment before the time to retry the request is refused, at that time it passes.</summary>
    private async Task CheckRetryAsync(List<Call> asked)
    {
        // With a second upstream the time hangs on breakers too.
        var refused = asked.Find(call =>
            call is { State: CallState.Refused, Refusal: { Code: "rate_limited", RetryAfterSeconds: > 0 }, Request.Model: AccuracyWorld.SoloModel }
            && _callers.Keys.Contains(call.Request.Key));
        if (refused is null || (refused.Refusal!.RetryAfterSeconds > 120 && (_ahead != TimeSpan.Zero || _random.Next(4) != 0)))
            return;

        // What others did since it was refused is over; nobody comes between.
        var first = await _callers.AskAloneAsync(refused);
        if (first.Refusal is not { Code: "rate_limited", RetryAfterSeconds: { } seconds })
            return;

        var wait = (long)Math.Round(seconds * TimeSpan.TicksPerSecond);
        _clock.Advance(TimeSpan.FromTicks(wait - 1));
        var early = await _callers.AskAloneAsync(refused);
        _clock.Advance(TimeSpan.FromTicks(1));
        var inTime = await _callers.AskAloneAsync(refused);
        if (early.Answered > early.Asked || inTime.Answered > inTime.Asked)
            return;

        _checks.Limits.Retry(refused, wait, early, inTime);
    }

    private Task ChangeLimitsAsync()
    {
        var number = _random.Next(_callers.Keys.Count);
        var key = _callers.Keys[number];
        if (key.Limits is { IsEmpty: false, Pacing: Pacing.Window, RequestsPerMinute: not null })
        {
            key = key with { Limits = key.Limits with { RequestsPerMinute = _random.Next(3, 40), MaxConcurrent = _random.Next(1, 12) } };
            _callers.Keys[number] = key;
            _checks.LimitsChanged(key);
        }

        return Task.CompletedTask;
    }

    /// <summary>All callers have gone; after the longest lease nothing may be held any more, and the ledger must agree.</summary>
    private async Task EndAsync()
    {
        SetTimeRight();
        foreach (var call in _callers.Open)
            call.State = CallState.Abandoned;

        Report.Abandoned += _callers.Open.Count;
        _clock.Advance(RateLimitRequest.DefaultLease + RateLimitRequest.DefaultLease + TimeSpan.FromSeconds(1));
        await _checks.Limits.EndAsync(Host);
        await _checks.Money.EndAsync(Host);
    }
}
