using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.GatewayApi.Tests.Conversations;

/// <summary>
/// Every turn of every session, by every way there is to one, against naive sessions: many clients with several keys ask, repeat, join, edit, stop, hang up, come back and delete, while
/// upstreams fail, break off, are silent and say nothing of what they used. <see cref="LongRuns.Variable"/> has it search for longer.
/// <para>
/// A run is a gateway (<see cref="ConversationWorld"/>) and some rounds. Before each, <see cref="Chores"/> makes and changes sessions; then <see cref="RandomActs"/> draws what clients do at
/// a time, and <see cref="ConversationRound"/> plays it. Afterwards every session is judged by what was seen of it: its turns by what upstreams did (<see cref="TurnJudge"/>), its tree by the
/// orders in which turns can have come (<see cref="NaiveTree"/>), each answer by its turn (<see cref="ActJudge"/>). At last the books and all that is kept are looked at
/// (<see cref="ConversationAudit"/>, <see cref="KeptAudit"/>).
/// </para>
/// </summary>
public sealed class ConversationModelTests(ITestOutputHelper output)
{
    private const int Rounds = 12;

    private readonly Dictionary<string, int> _seen = [];

    [Fact]
    public async Task EveryRound_AtRandom_LeavesTheTurnsAndTreesThatNaiveSessionsHave()
    {
        var random = Seed.Print(output);
        for (var runs = LongRuns.Of(2); runs > 0; runs--)
            await RunAsync(new Random(random.Next()));

        // So that none of it holds because nothing happened.
        output.WriteLine(string.Join(", ", _seen.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{one.Key}: {one.Value}")));
        Assert.All(["turn completed", "turn failed", "asks Events: 200 ", "reads Events late: 200 "], kind => Assert.True(_seen.ContainsKey(kind), $"'{kind}' is never seen"));
    }

    private async Task RunAsync(Random random)
    {
        await using var world = await ConversationWorld.StartAsync();
        var naive = new NaiveConversations(world);
        var chores = new Chores(random, world, naive);
        var draw = new RandomActs(random, world, naive);
        var books = new ConversationAudit(world, naive);
        var kept = new KeptAudit(random, world, naive);
        for (var number = 0; number < Rounds; number++)
        {
            var faults = await chores.DoAsync();
            var round = new ConversationRound(world);
            try
            {
                await round.RunAsync(draw.Draw(), draw.DrawLeaving, draw.DrawLate);
                if (faults.Count == 0)
                    faults.AddRange(await naive.JudgeAsync(round));
                if (faults.Count == 0)
                    faults.AddRange(await books.CheckAsync(round));
                if (faults.Count == 0)
                    faults.AddRange(await kept.CheckAsync(round, number == Rounds - 1));
            }
            catch (TimeoutException)
            {
                faults.Add("It does not end");
            }

            if (faults.Count > 0)
                Assert.Fail($"Round {number}\n{string.Join("\n\n", faults)}\nof\n{string.Join('\n', round.Acts)}\nwith\n{string.Join('\n', round.Calls)}");

            Count(round);
            await GoOnAsync(random, world, naive);
        }
    }

    private static async Task GoOnAsync(Random random, ConversationWorld world, NaiveConversations naive)
    {
        if (random.Next(3) == 0)
        {
            naive.Limits.Budget += 1;
            await world.TopUpAsync(1);
        }

        if (random.Next(8) == 0)
            await world.RestartAsync();

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

    private void Count(ConversationRound round)
    {
        foreach (var act in round.Acts)
        {
            var kind = act switch
            {
                TurnAct { Again: not null } => "again",
                TurnAct { Way: var way } => $"asks {way}",
                ReadAct { Way: var way } => $"reads {way}",
                OrderAct { Order: var order } => $"{order}",
                _ => "",
            };
            Note($"{kind}{(act.IsLate ? " late" : "")}: {(act.HasLeft ? "left" : $"{act.Status} {act.Code}")}");
        }

        foreach (var turn in round.Acts.Select(act => act.Session).Distinct().SelectMany(session => session.Turns).Where(turn => turn.Ended.Least >= round.Began))
            Note($"turn {turn.Status}{(turn.Events.Any(entry => entry.Name == HeardEvent.Restarted) ? " after a restart" : "")}");

        void Note(string kind) => _seen[kind] = _seen.GetValueOrDefault(kind) + 1;
    }
}
