using OrleansChat.Core.CircuitBreaking;
using OrleansChat.Core.Errors;
using OrleansChat.Core.Settings;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.CircuitBreaking;

/// <summary>Every decision of a breaker against a naive one, over calls, probes, cooldowns and hands at random.</summary>
public sealed class BreakerModelTests(ITestOutputHelper output)
{
    private readonly HashSet<BreakerState> _seen = [];
    private int _probes;
    private int _closedByProbe;
    private int _openedByRatio;

    [Fact]
    public void EverySequence_AtRandom_DecidesAsTheNaiveBreakerDoes()
    {
        var random = Seed.Print(output);
        for (var round = 0; round < 400; round++)
            Run(random, OptionsOf(random), steps: 250);

        // So that none of it holds because nothing happened.
        Assert.Equal(3, _seen.Count);
        Assert.True(_probes > 100 && _closedByProbe > 20 && _openedByRatio > 20, $"{_probes} probes, {_closedByProbe} closed by one, {_openedByRatio} opened by the ratio");
    }

    private static BreakerOptions OptionsOf(Random random) => new()
    {
        ConsecutiveFailures = random.Next(1, 8),
        FailureRatio = random.Next(2) == 0 ? null : random.Next(1, 11) / 10.0,
        FailureWindow = TimeSpan.FromSeconds(random.Next(1, 90)),
        MinimumCalls = random.Next(1, 15),
        OpenDuration = TimeSpan.FromSeconds(random.Next(1, 60)),
        MaxOpenDuration = TimeSpan.FromSeconds(random.Next(1, 600)),
        ProbeLease = TimeSpan.FromSeconds(random.Next(1, 60)),
        DefaultCooldown = TimeSpan.FromSeconds(random.Next(1, 10)),
        MaxCooldown = TimeSpan.FromSeconds(random.Next(1, 90)),
    };

    private static BreakerOutcome Draw(Random random, string id) => new(
        id,
        random.Next(5) < 2 ? null : (UpstreamFailure)random.Next(9),
        random.Next(4) == 0 ? TimeSpan.FromSeconds(random.Next(-1, 120)) : null,
        $"detail {random.Next(3)}")
    {
        Cancelled = random.Next(10) == 0,
        EarlierSuccesses = random.Next(6) == 0 ? random.Next(4) : 0,
    };

    private void Run(Random random, BreakerOptions options, int steps)
    {
        var breaker = new BreakerMachine(options, new BreakerMemory());
        var naive = new NaiveBreaker(options);
        var now = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero).UtcTicks;
        for (var step = 0; step < steps; step++)
        {
            now += random.NextInt64(random.Next(6) == 0 ? TimeSpan.TicksPerMinute : TimeSpan.TicksPerSecond);

            // Few callers, so that probes report, come again, and are late.
            var id = $"{random.Next(4)}";
            var before = naive.StateAt(now);
            switch (random.Next(20))
            {
                case 0 when random.Next(5) == 0:
                    breaker.Trip("by hand", now);
                    naive.Trip("by hand", now);
                    break;
                case 1:
                    breaker.Reset("by hand", now);
                    naive.Close();
                    break;
                case < 9:
                    var permit = breaker.Enter(id, now);
                    Assert.Equal(naive.Enter(id, now), permit);
                    _probes += permit.Probe ? 1 : 0;
                    break;
                default:
                    var failures = naive.Describe(now).Failures;
                    var outcome = Draw(random, id);
                    breaker.Report(outcome, now);
                    naive.Report(outcome, now);
                    _closedByProbe += before != BreakerState.Closed && naive.StateAt(now) == BreakerState.Closed ? 1 : 0;
                    _openedByRatio += naive.Describe(now).OpenedAt?.UtcTicks == now && failures + 1 < options.ConsecutiveFailures ? 1 : 0;
                    break;
            }

            var later = now + random.NextInt64(TimeSpan.TicksPerMinute);
            foreach (var moment in new[] { now, later })
            {
                Assert.Equal(naive.Describe(moment), breaker.Describe("u", moment) with { Version = 0 });
                _seen.Add(naive.StateAt(moment));
            }
        }
    }
}
