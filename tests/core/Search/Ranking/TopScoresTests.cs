using OrleansChat.Core.Search.Ranking;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.Search.Ranking;

public sealed class TopScoresTests(ITestOutputHelper output)
{
    [Fact]
    public void ToRanking_OfRandomScoresWithTies_IsTheHeadOfTheSortedList()
    {
        var random = Seed.Print(output);
        for (var run = 0; run < 500; run++)
        {
            var capacity = random.Next(1, 20);
            ScoredSlot[] offered = [.. Enumerable.Range(0, random.Next(60)).Select(slot => new ScoredSlot(slot, random.Next(10)))];
            random.Shuffle(offered);

            var top = new TopScores(capacity);
            foreach (var (slot, score) in offered)
                top.Offer(slot, score);

            Assert.Equal(offered.OrderByDescending(scored => scored.Score).ThenBy(scored => scored.Slot).Take(capacity), top.ToRanking());
        }
    }

    [Fact]
    public void Threshold_IsOpenUntilFullAndThenTheWorstKept()
    {
        var top = new TopScores(2);
        top.Offer(1, 5);
        Assert.Equal(float.NegativeInfinity, top.Threshold);
        top.Offer(2, 3);
        Assert.Equal(3, top.Threshold);
        top.Offer(3, 4);
        Assert.Equal(4, top.Threshold);
    }
}
