using OrleansChat.Core.Actors;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.RateLimiting;

public sealed class LeaseTableTests(ITestOutputHelper output)
{
    [Fact]
    public void NextExpired_AfterRandomLeases_HandsOutWhatIsOverAndNothingElse()
    {
        var random = Seed.Print(output);
        for (var round = 0; round < 100; round++)
            PlayRound(random);
    }

    private static void PlayRound(Random random)
    {
        var table = new LeaseTable<Held>();
        var all = new List<Held>();
        long now = 0;
        for (var step = 0; step < 300; step++)
        {
            now += random.Next(4);
            for (var expired = table.NextExpired(now); expired is not null; expired = table.NextExpired(now))
            {
                Assert.InRange(expired.Deadline, 0, now);
                table.Remove(expired);
                Assert.True(all.Remove(expired));
            }

            Assert.All(all, held => Assert.True(held.Deadline > now));
            Change(random, table, all, step, now);
            Assert.Equal((all.Count, all.Count(held => held.Tentative)), (table.Count, table.Tentative));
            Assert.Equal(all.Where(held => held.Tentative).Select(held => held.Deadline).DefaultIfEmpty(long.MaxValue).Min(), table.FirstTentativeEnd());
            Assert.Equal(all.Select(held => held.LeaseEnd).DefaultIfEmpty(now).Max() - now, table.LongestLease(now));
        }
    }

    private static void Change(Random random, LeaseTable<Held> table, List<Held> all, int step, long now)
    {
        var held = all.Count == 0 ? null : all[random.Next(all.Count)];
        switch (random.Next(5))
        {
            case 0 when held is not null:
                table.Remove(held);
                all.Remove(held);
                break;
            case 1 when held is not null:
                Assert.Equal(held.Tentative, table.Confirm(held));
                break;
            case 2 when held is { Tentative: false }:
                table.Extend(held, now + random.Next(1, 60));
                break;
            default:
                var end = now + random.Next(1, 60);
                held = new Held($"{step}", now) { Tentative = random.Next(2) == 0, LeaseEnd = end, Deadline = end };
                if (held.Tentative)
                    held.Deadline = Math.Min(end, now + 5);

                table.Add(held);
                all.Add(held);
                break;
        }
    }

    private sealed class Held(string id, long since) : Leased(id, since);
}
