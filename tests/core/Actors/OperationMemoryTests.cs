using OrleansChat.Core.Actors;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.Actors;

public sealed class OperationMemoryTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Retention = TimeSpan.FromSeconds(60);

    [Fact]
    public void Knows_AtAnyMoment_WhatIsYounger_AndNothingMuchOlder()
    {
        var random = Seed.Print(output);
        for (var run = 0; run < 200; run++)
            Run(random);
    }

    [Fact]
    public void Knows_OfMoreThanOneQuestionMoves_FindsTheOldestAndTheNewest()
    {
        var memory = new OperationMemory(Retention);
        for (var i = 0; i < 50_000; i++)
            memory.Remember($"operation-{i}", now: i);

        foreach (var i in (int[])[0, 1_023, 1_024, 20_000, 49_999, 0])
            Assert.True(memory.Knows($"operation-{i}"));
        Assert.False(memory.Knows("operation-50000"));
        memory.Remember("operation-50000", now: 50_000);
        Assert.True(memory.Knows("operation-50000"));
        Assert.All(Enumerable.Range(0, 50_001), i => Assert.True(memory.Knows($"operation-{i}")));
    }

    [Fact]
    public void Knows_OfAnEmptyMemory_IsFalse() => Assert.False(new OperationMemory(Retention).Knows("a"));

    private static void Run(Random random)
    {
        var (memory, endedAt) = (new OperationMemory(Retention), new List<(string Id, long At)>());
        var (now, asks) = (random.NextInt64(TimeSpan.TicksPerDay * 300_000), random.NextDouble());
        for (var i = 0; i < 300; i++)
        {
            // Now and then so long a pause that nothing is left.
            now += random.NextInt64(random.Next(40) == 0 ? Retention.Ticks * 3 : Retention.Ticks / 50);
            memory.Remember($"{i}", now);
            endedAt.Add(($"{i}", now));
            if (random.NextDouble() >= asks)
                continue;

            Assert.False(memory.Knows($"{i + 1}"));
            foreach (var (id, at) in endedAt)
            {
                if (now - at < Retention.Ticks)
                    Assert.True(memory.Knows(id), $"{id} ended {TimeSpan.FromTicks(now - at)} ago");
                else if (now - at > Retention.Ticks * 3 / 2)
                    Assert.False(memory.Knows(id), $"{id} ended {TimeSpan.FromTicks(now - at)} ago");
            }
        }
    }
}
