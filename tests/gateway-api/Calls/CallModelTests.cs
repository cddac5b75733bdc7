using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.GatewayApi.Tests.Calls;

/// <summary>
/// Every answer on <c>/v1</c>, and what is left of it, against a naive gateway: many callers with several keys ask, repeat, hang up and join while upstreams fail, break off, are silent and
/// tell nothing, or the impossible, of what they used. <see cref="LongRuns.Variable"/> has it search for longer.
/// </summary>
public sealed class CallModelTests(ITestOutputHelper output)
{
    private const int Rounds = 12;

    private readonly Dictionary<string, int> _seen = [];

    [Fact]
    public async Task EveryRound_AtRandom_IsAnsweredAndBookedAsTheNaiveGatewaySays()
    {
        var random = Seed.Print(output);
        for (var runs = LongRuns.Of(2); runs > 0; runs--)
            await RunAsync(new Random(random.Next()));

        // So that none of it holds because nothing happened.
        output.WriteLine(string.Join(", ", _seen.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{one.Key}: {one.Value}")));
        Assert.All(["status 200", "status 503", "replayed", "cache miss"], kind => Assert.True(_seen.ContainsKey(kind), $"'{kind}' is never seen"));
    }

    private async Task RunAsync(Random random)
    {
        // Breakers that open have callers go elsewhere; those that do not let more calls through.
        var opensBreakers = random.Next(3) == 0;
        await using var world = await CallWorld.StartAsync(opensBreakers ? 3 : 10_000);
        var naive = new NaiveGateway(world, opensBreakers);
        var draw = new RandomAsks(random, world, naive);
        var audit = new CallAudit(world, naive);
        for (var number = 0; number < Rounds; number++)
        {
            var round = new CallRound(world);
            try
            {
                await round.RunAsync(draw.Draw(), draw.DrawLate);
            }
            catch (TimeoutException)
            {
                Assert.Fail($"Round {number} does not end:\n{string.Join('\n', round.Asks)}\nwith\n{string.Join('\n', round.Calls)}");
            }

            var faults = naive.Judge(round);
            faults.AddRange(await audit.CheckAsync());
            if (faults.Count > 0)
                Assert.Fail($"Round {number}\n{string.Join('\n', faults)}\nof\n{string.Join('\n', round.Asks)}\nwith\n{string.Join('\n', round.Calls)}");

            Count(round);
            await GoOnAsync(random, world, naive);
        }
    }

    private static async Task GoOnAsync(Random random, CallWorld world, NaiveGateway naive)
    {
        if (random.Next(4) == 0)
        {
            naive.Limit = random.Next(1, 9);
            world.Limit(naive.Limit);
        }

        if (random.Next(4) == 0)
        {
            naive.Budget += 0.5m;
            await world.TopUpAsync(0.5m);
        }

        world.Clock.Advance(random.Next(8) switch
        {
            0 => TimeSpan.Zero,
            1 => TimeSpan.FromMinutes(2),
            2 => TimeSpan.FromMinutes(20),
            3 => TimeSpan.FromMinutes(70),
            4 => TimeSpan.FromHours(25),
            _ => TimeSpan.FromSeconds(random.Next(1, 60)),
        });
    }

    private void Count(CallRound round)
    {
        foreach (var ask in round.Asks)
        {
            Note($"status {ask.Status}");
            Note($"cache {ask.Cache}");
            if (ask.IsReplayed)
                Note(ask.IsLate ? "joined" : "replayed");
            if (ask.HasLeft)
                Note(ask.IdempotencyKey is null ? "left" : "left what goes on");
        }

        foreach (var call in round.Calls)
        {
            Note($"{call.Plan.Fate}");
            if (call.Question.IsHedged && round.Calls.Exists(other => other != call && other.Question == call.Question && other.Upstream != call.Upstream && call.End is CallEnd.Left))
                Note("hedged");
        }

        void Note(string kind) => _seen[kind] = _seen.GetValueOrDefault(kind) + 1;
    }
}
