using OrleansChat.Core.RateLimiting;
using OrleansChat.Testing;
using Xunit.Abstractions;

namespace OrleansChat.Core.Tests.RateLimiting;

public sealed class SlidingWindowTests(ITestOutputHelper output)
{
    private const long Length = 100;
    private const long PartLength = 10;

    [Fact]
    public void Advance_AtTheLastMomentOfAnAmount_KeepsItUntilJustBeforeItsLengthHasPassed()
    {
        var window = new SlidingWindow(Length);
        window.Add(10, 3);

        window.Advance(109);
        Assert.Equal(3, window.Sum);

        window.Advance(110);
        Assert.Equal(0, window.Sum);
    }

    [Fact]
    public void FitsAt_WhenFull_IsTheMomentAtWhichEnoughHasLeft()
    {
        var window = new SlidingWindow(Length);
        window.Add(10, 2);
        window.Add(20, 2);
        window.Add(30, 2);

        Assert.Equal(40, window.FitsAt(7, 1, 40));
        Assert.Equal(110, window.FitsAt(6, 2, 40));
        Assert.Equal(120, window.FitsAt(6, 3, 40));
        Assert.Equal(130, window.FitsAt(6, 6, 40));
        Assert.Equal(long.MaxValue, window.FitsAt(6, 7, 40));
    }

    [Fact]
    public void Add_AtEqualMoments_KeepsOne()
    {
        var window = new SlidingWindow(Length);
        for (var i = 0; i < 1_000; i++)
            window.Add(5, 1);

        Assert.Equal((1, 1_000), (window.Count, window.Sum));
    }

    [Fact]
    public void Remove_OfAMomentThatHasLeft_ChangesNothing()
    {
        var window = new SlidingWindow(Length);
        window.Add(10, 2);
        window.Add(60, 2);
        window.Advance(120);

        window.Remove(10, 2);

        Assert.Equal(2, window.Sum);
    }

    [Fact]
    public void Remove_OfAnyOfManyMoments_TakesItFromThatOneAlone()
    {
        var random = Seed.Print(output);
        foreach (var count in (int[])[1, 7, 8, 9, 15, 16, 17, 100, 1_000])
        {
            var window = new SlidingWindow(10 * count);
            var expected = new SortedDictionary<long, long>();
            for (var i = 0; i < 2 * count; i++)
            {
                window.Advance(10 * i);
                window.Add(10 * i, 5);
                expected[10 * i] = 5;
                expected.Remove(10 * (i - count));
            }

            foreach (var moment in expected.Keys.ToArray().OrderBy(_ => random.Next()))
            {
                window.Remove(moment - 1, 5);
                window.Remove(moment, 2);
                expected[moment] -= 2;
                Assert.Equal(expected.Select(pair => (pair.Key, pair.Value)), window.Moments());
            }
        }
    }

    [Fact]
    public void EveryOperation_InRandomOrder_AgreesWithAPlainList()
    {
        var random = Seed.Print(output);
        var window = new SlidingWindow(Length);
        var plain = new List<(long At, long Amount)>();
        long now = 0;
        for (var step = 0; step < 20_000; step++)
        {
            now += random.Next(4) == 0 ? random.Next(40) : random.Next(2);
            window.Advance(now);
            plain.RemoveAll(moment => moment.At <= now - Length);
            switch (random.Next(4))
            {
                case 0 or 1:
                    var amount = random.Next(5);
                    window.Add(now, amount);
                    plain.Add((now, amount));
                    break;
                case 2 when plain.Count > 0:
                    var i = random.Next(plain.Count);
                    var less = random.NextInt64(plain[i].Amount + 1);
                    window.Remove(plain[i].At, less);
                    plain[i] = (plain[i].At, plain[i].Amount - less);
                    break;
                default:
                    var (limit, asked) = (random.NextInt64(60), random.NextInt64(20));
                    Assert.Equal(FitsAtNaively(plain, limit, asked, now), window.FitsAt(limit, asked, now));
                    break;
            }

            Assert.Equal(plain.Sum(moment => moment.Amount), window.Sum);
            Assert.Equal(plain.Where(moment => moment.Amount > 0).Select(moment => moment.At + Length).LastOrDefault(now), window.EmptyAt(now));
        }
    }

    [Fact]
    public void Parts_InRandomOrder_HoldEveryAmount_AndTellOfNoneEarlierThanItWas()
    {
        var random = Seed.Print(output);
        var window = new SlidingWindow(64 * PartLength);
        var plain = new List<(long At, long Amount)>();
        long now = 0;
        for (var step = 0; step < 10_000; step++)
        {
            now += random.Next(4) == 0 ? random.Next(200) : random.Next(2);
            window.Advance(now);
            plain.RemoveAll(moment => moment.At <= now - window.Length);
            if (random.Next(3) > 0)
            {
                var amount = random.Next(1, 5);
                window.Add(now, amount);
                plain.Add((now, amount));
            }
            else if (plain.Count > 0)
            {
                var i = random.Next(plain.Count);
                var less = random.NextInt64(plain[i].Amount + 1);
                window.Remove(plain[i].At, less);
                plain[i] = (plain[i].At, plain[i].Amount - less);
            }

            var expected = plain.GroupBy(moment => moment.At / PartLength).Select(part => (part.Key, part.Max(moment => moment.At), part.Sum(moment => moment.Amount)));
            var parts = window.Parts.Select(part => ((part.End / PartLength) - 1, part.Last, part.Amount));
            Assert.Equal(expected.Where(part => part.Item3 > 0), parts.Where(part => part.Amount > 0));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Log_ReadBack_NeverHoldsLess(bool exact)
    {
        var random = Seed.Print(output);
        var window = new SlidingWindow(TimeSpan.TicksPerMinute);
        var now = 638_000_000_000_000_000;
        for (var i = 0; i < 5_000; i++)
            window.Add(now += random.Next(1_000_000), random.Next(1, 1_000_000));

        window.Advance(now);
        var log = WindowLog.Write(window, exact)!;
        var read = new SlidingWindow(TimeSpan.TicksPerMinute);
        WindowLog.Read(log, read, now);

        Assert.Equal(window.Sum, read.Sum);
        if (exact)
            Assert.Equal(window.Moments(), read.Moments());
        else
            Assert.True(read.Count <= 65, $"{read.Count} moments");

        while (read.Sum > 0)
        {
            now += TimeSpan.TicksPerSecond / 3;
            window.Advance(now);
            read.Advance(now);
            Assert.True(read.Sum >= window.Sum);
        }
    }

    private static long FitsAtNaively(List<(long At, long Amount)> plain, long limit, long asked, long now)
    {
        if (asked > limit)
            return long.MaxValue;

        for (var at = now; ; at++)
        {
            if (asked == 0 || plain.Where(moment => moment.At > at - Length).Sum(moment => moment.Amount) + asked <= limit)
                return at;
        }
    }
}
