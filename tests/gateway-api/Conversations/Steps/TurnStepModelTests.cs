using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.GatewayApi.Tests.Conversations.Steps;

/// <summary>
/// Turns of sessions step by step, with second calls beside the first ones and with hosts that die and stop at any moment, against naive turns: whom each asks, what is said by whom, how it ends,
/// what its readers hear over all its hosts, and what is booked for it. Upstreams do what they are told; after each step all must come to be as the naive turn has it.
/// <see cref="LongRuns.Variable"/> has it search for longer.
/// </summary>
public sealed class TurnStepModelTests(ITestOutputHelper output)
{
    private const int Phases = 3;
    private const int Steps = 40;

    private readonly Dictionary<string, int> _seen = [];

    [Fact]
    public async Task EveryStep_AtRandom_LeadsWhereTheNaiveTurnGoes()
    {
        var random = Seed.Print(output);
        for (var runs = LongRuns.Of(3); runs > 0; runs--)
            await RunAsync(new Random(random.Next()));

        // So that none of it holds because nothing happened.
        output.WriteLine(string.Join(", ", _seen.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{one.Key}: {one.Value}")));
        Assert.All(["turn completed", "turn completed after a restart", "has a second call"], kind => Assert.True(_seen.ContainsKey(kind), $"'{kind}' is never seen"));
    }

    private async Task RunAsync(Random random)
    {
        await using var world = await StepWorld.StartAsync();
        var story = new StepStory(world.Clock, Note);
        var run = new StepRun(random, world, story);
        foreach (var key in new[] { StepSettings.Ann, StepSettings.Ann, StepSettings.Ann, StepSettings.Lone })
            await run.MakeSessionAsync(key);

        var steps = new RandomSteps(random, world, run, story);
        var audit = new StepAudit(world, run.Sessions);
        try
        {
            for (var phase = 0; phase < Phases; phase++)
            {
                for (var step = 0; step < Steps; step++)
                    await steps.StepAsync();
                await steps.RestAsync();
                StepRun.Require(await audit.CheckAsync(steps.Deaths.HasDied, steps.Deaths.LostTurns));
                steps.Deaths.Forget();
            }
        }
        catch (Exception) when (Told(story))
        {
            throw;
        }
    }

    private bool Told(StepStory story)
    {
        output.WriteLine($"{story}");
        return true;
    }

    private void Note(string kind) => _seen[kind] = _seen.GetValueOrDefault(kind) + 1;
}
