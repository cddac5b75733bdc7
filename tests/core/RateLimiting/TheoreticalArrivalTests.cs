using OrleansChat.Core.RateLimiting;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.RateLimiting;

public sealed class TheoreticalArrivalTests(ITestOutputHelper output)
{
    private static readonly long Start = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero).UtcTicks;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 1)]
    [InlineData(7, 3)]
    [InlineData(60, 10)]
    [InlineData(999, 50)]
    [InlineData(100_000_000, 1_000)]
    public void Requests_AsFastAsTheyPass_KeepTheRateWithoutRounding(int rate, int burst)
    {
        var state = TheoreticalArrival.None.At(rate);
        var now = Start;
        var total = burst + 3 * Math.Min(rate, 10_000);
        for (var i = 0; i < total; i++)
        {
            now = Math.Max(now, state.PassesAt(burst));
            state = state.After(now);
        }

        // After the burst, request n passes at the first tick at or after n intervals.
        var expected = Start + (long)Math.Ceiling((decimal)(total - burst) * TimeSpan.TicksPerMinute / rate);
        if (burst > 1)
            Assert.Equal(expected, now);
        else
            // Without a burst each request comes at a whole tick, up to one too late, and what is late is lost.
            Assert.InRange(now, expected, expected + total);
    }

    [Fact]
    public void PassesAt_OneTickEarlier_DoesNotConform()
    {
        var random = Seed.Print(output);
        for (var round = 0; round < 2_000; round++)
        {
            var (rate, burst) = (random.Next(1, 100_000), random.Next(1, 50));
            var state = TheoreticalArrival.None.At(rate);
            var now = Start;
            for (var i = 0; i < 30; i++)
            {
                now += random.NextInt64(2 * TimeSpan.TicksPerMinute / rate);
                var passes = state.PassesAt(burst);
                Assert.Equal(now >= passes, state.Remaining(now, burst) > 0);
                if (now < passes)
                {
                    Assert.Equal(0, state.Remaining(passes - 1, burst));
                    Assert.True(state.Remaining(passes, burst) >= 1);
                    continue;
                }

                var before = state.Remaining(now, burst);
                state = state.After(now);
                Assert.Equal(before - 1, state.Remaining(now, burst));
            }
        }
    }

    [Fact]
    public void TakeBack_OfATentativeRequest_LeavesThePacerAsIfItHadNeverCome()
    {
        var random = Seed.Print(output);
        for (var round = 0; round < 2_000; round++)
        {
            var pacer = new Pacer();
            var kept = new List<long>();
            var tentative = new List<long>();
            var now = Start;
            for (var i = 0; i < 20; i++)
            {
                now += random.NextInt64(TimeSpan.TicksPerSecond * 3);
                switch (random.Next(4))
                {
                    case 0:
                        pacer.Pass(60, now, tentative: false);
                        kept.Add(now);
                        break;
                    case 1:
                        pacer.Pass(60, now, tentative: true);
                        tentative.Add(now);
                        break;
                    case 2 when tentative.Count > 0:
                        pacer.TakeBack(Take(tentative, random));
                        break;
                    case 3 when tentative.Count > 0:
                        kept.Add(Take(tentative, random));
                        pacer.Confirm();
                        break;
                }

                var expected = kept.Concat(tentative).Order()
                    .Aggregate(TheoreticalArrival.None.At(60), (state, at) => state.After(at));
                Assert.Equal(expected, pacer.State.At(60));
            }
        }
    }

    private static long Take(List<long> moments, Random random)
    {
        var i = random.Next(moments.Count);
        var moment = moments[i];
        moments.RemoveAt(i);
        return moment;
    }
}
