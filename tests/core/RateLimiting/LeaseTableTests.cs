using OrleansChat.Core.Actors;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.RateLimiting;

public sealed class LeaseTableTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(12)]
    [InlineData(300)]
    public void NextExpired_AfterRandomLeases_HandsOutWhatIsOverAndNothingElse(int most)
    {
        var random = Seed.Print(output);
        for (var round = 0; round < 100; round++)
            PlayRound(random, random.Next(1, most));
    }

    [Fact]
    public void Add_OfAnOperationThatHoldsSomething_IsRefused_WhetherFewAreHeldOrMany()
    {
        var table = new LeaseTable<Held>();
        for (var i = 0; i < 20; i++)
        {
            table.Add(new Held($"{i}", 0) { Tentative = i % 2 == 0, Deadline = 1 });
            Assert.Throws<ArgumentException>(() => table.Add(new Held("0", 0) { Deadline = 1 }));
        }
    }

    /// <param name="random">Draws the changes.</param>
    /// <param name="most">How many may be held at once: tables that hold few work in another way than those that hold many.</param>
    private static void PlayRound(Random random, int most)
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
            Change(random, table, all, step, now, most);
            Assert.Equal(all.Select(held => held.Id).Order(), table.All.Select(held => held.Id).Order());
            Assert.Equal(all.Select(held => held.Deadline).Order(), table.Ends);
            Assert.All(all, held => Assert.True(table.TryFind(new string(held.Id), out var found) && ReferenceEquals(held, found)));
            Assert.False(table.TryFind($"{step + 1}", out _));
            Assert.Equal((all.Count, all.Count(held => held.Tentative)), (table.Count, table.Tentative));
            Assert.Equal(all.Where(held => held.Tentative).Select(held => held.Deadline).DefaultIfEmpty(long.MaxValue).Min(), table.FirstTentativeEnd());
            Assert.Equal(all.Select(held => held.LeaseEnd).DefaultIfEmpty(now).Max() - now, table.LongestLease(now));
        }
    }

    private static void Change(Random random, LeaseTable<Held> table, List<Held> all, int step, long now, int most)
    {
        var held = all.Count == 0 ? null : all[random.Next(all.Count)];
        switch (random.Next(5))
        {
            case 0 when held is not null:
                table.Remove(held);
                table.Remove(held);
                all.Remove(held);
                break;
            case 1 when held is not null:
                Assert.Equal(held.Tentative, table.Confirm(held));
                break;
            case 2 when held is { Tentative: false }:
                table.Extend(held, now + random.Next(1, 60));
                break;
            case > 2 when all.Count < most:
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
