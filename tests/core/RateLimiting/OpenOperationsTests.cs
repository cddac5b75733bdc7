using OrleansChat.Core.RateLimiting;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.RateLimiting;

public sealed class OpenOperationsTests(ITestOutputHelper output)
{
    [Fact]
    public void FitsAt_WithNamedAndUnnamedRequests_IsWhenEnoughLeasesHaveRunOut()
    {
        var random = Seed.Print(output);
        for (var round = 0; round < 2_000; round++)
        {
            var (open, ends) = Draw(random);
            for (var limit = 0; limit <= ends.Count + 1; limit++)
                Assert.Equal(Naive(ends, limit), open.FitsAt(limit, now: 0));
        }
    }

    private static (OpenOperations Open, List<long> Ends) Draw(Random random)
    {
        var open = new OpenOperations();
        List<long> ends = [];
        if (random.Next(2) == 0)
        {
            var (count, until) = (random.Next(4), random.Next(1, 20));
            open.AssumeUnnamed(count, until);
            ends.AddRange(Enumerable.Repeat((long)until, count));
        }

        for (var i = random.Next(15); i > 0; i--)
        {
            var end = random.Next(1, 20);
            open.Add(new OpenOperation($"{i}", 0) { LeaseEnd = end, Deadline = end, Tentative = random.Next(3) == 0 });
            ends.Add(end);
        }

        return (open, ends);
    }

    private static long Naive(List<long> ends, int limit) =>
        ends.Count < limit ? 0 : limit == 0 ? long.MaxValue : ends.Order().ElementAt(ends.Count - limit);
}
